#pragma once

#include "request.hpp"

#include <stop_token>

namespace resourcelock::cli {

/// Prints the lock's state again and again until `stop` is requested or nobody reads any more.
void trace(const request& asked, const std::stop_token& stop);

/// Prints a line whenever the lock was taken, given back or changed hands, and one for the beginning. It only
/// looks (lock_evidence.hpp): holds between two looks are not seen. Ends like trace().
void trace_changes(const request& asked, const std::stop_token& stop);

} // namespace resourcelock::cli
