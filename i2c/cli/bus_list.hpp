#pragma once

#include "table.hpp"

namespace resourcelock::cli {

/// A table without rows, for `i2cbus list`.
table bus_table();

/// The buses that there are: those of the kernel that have a device node, and the simulated ones that
/// somebody has used. Looking changes nothing.
void list_buses(table& buses);

} // namespace resourcelock::cli
