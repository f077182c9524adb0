#pragma once

#include <chrono>
#include <cstdint>

namespace resourcelock::sim {

/// Nanoseconds of a simulated bus's time, which all processes share. It begins at 0 when the bus is made.
using instant = std::int64_t;

constexpr instant nanoseconds(std::chrono::nanoseconds duration) { return duration.count(); }

} // namespace resourcelock::sim
