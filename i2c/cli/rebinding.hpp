#pragma once

#include "bus_evidence.hpp"

#include <optional>
#include <string>

namespace resourcelock::cli {

/// Takes a device from its driver and gives it back, through sysfs: the driver sets it up anew. Another
/// process does it, so that the device comes back whatever happens to this one.
///
/// Returns whether it was done within some seconds; false: the kernel waits for a program that has opened
/// the bus meanwhile, and the rest happens when that ends. Throws `std::system_error` when the kernel
/// refuses.
bool rebind(const controller& which);

/// Who does it by hand types this.
std::string binding_command(const controller& which);

/// The number of the adapter that the device drives now; waits some seconds for its node. Nothing when there
/// is none.
std::optional<int> adapter_of(const controller& which);

} // namespace resourcelock::cli
