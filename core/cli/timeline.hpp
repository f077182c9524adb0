#pragma once

#include "request.hpp"

namespace resourcelock::cli {

/// Draws who waited for and held the lock when, from the logs of programs, into a file or onto the standard
/// output.
void draw_timeline(const request& asked);

} // namespace resourcelock::cli
