#pragma once

#include "command_line.hpp"

#include <stop_token>

namespace resourcelock::cli {

/// A token that the first SIGINT or SIGTERM stops. A second one ends the program at once, in case it is
/// stuck.
std::stop_token stopped_by_signals();

/// Sleeps; returns true when `stop` ended it early.
bool sleep_for(seconds duration, const std::stop_token& stop);

} // namespace resourcelock::cli
