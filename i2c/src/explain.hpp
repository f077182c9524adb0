#pragma once

#include "bus_name.hpp"

#include <resourcelock/i2c_address.hpp>

#include <optional>
#include <string>
#include <system_error>

namespace resourcelock {

/// What went wrong on a bus and what to do about it, on one line, for people. No address: none is concerned,
/// or several. `lock`: the bus's, nullptr if it has none.
std::string explain(std::error_code error, const bus_identity& bus, std::optional<i2c_address> address,
                    const resource_lock* lock);

} // namespace resourcelock
