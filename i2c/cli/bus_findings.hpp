#pragma once

#include "bus_evidence.hpp"
#include "line_probe.hpp"

#include <vector>

/// The doctor's judgement of a bus.
namespace resourcelock::cli {

/// Everything that is wrong, the lock's own troubles included; empty for a bus in order. `lines`: what a
/// probe said, or why there was none.
std::vector<finding> findings(const bus_evidence& seen, const line_report& lines);

} // namespace resourcelock::cli
