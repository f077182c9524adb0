#pragma once

#include "bus_evidence.hpp"
#include "line_probe.hpp"

#include <vector>

/// The doctor's judgement of a bus.
namespace resourcelock::cli {

/// Everything that is wrong, the lock's own troubles included; empty for a bus in order. `lines`: what a
/// probe said, or why there was none.
std::vector<finding> findings(const bus_evidence& seen, const line_report& lines);

/// "owner root, group i2c, mode 0660".
std::string permissions_of(const guarded_file& file);

/// Whether the mode of the file lets the user read and write it. Access lists are not looked at.
bool mode_lets_in(const guarded_file& file, uid_t user);

/// How somebody gets to be let in.
std::string way_in(const guarded_file& node, uid_t user);

} // namespace resourcelock::cli
