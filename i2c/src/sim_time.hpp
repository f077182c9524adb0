#pragma once

#include <chrono>
#include <cstdint>

namespace resourcelock::sim {

/// Nanoseconds of CLOCK_MONOTONIC, which all processes of the machine share.
using instant = std::int64_t;

constexpr instant nanoseconds(std::chrono::nanoseconds duration) { return duration.count(); }

} // namespace resourcelock::sim
