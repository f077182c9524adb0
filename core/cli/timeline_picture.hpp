#pragma once

#include "lock_history.hpp"

#include <chrono>
#include <string>

namespace resourcelock::cli {

/// Draws a lock's history from `from` to `to`, which is later: an SVG 1.1 document with a lane for each
/// program. Its size depends on the number of lanes, not on how much happened.
std::string timeline_picture(const std::string& lockname, const lock_history& history,
                             std::chrono::nanoseconds from, std::chrono::nanoseconds to);

} // namespace resourcelock::cli
