#pragma once

#include <resourcelock/resource_lock.hpp>

/// The lines that Python's command line prints, too.
namespace resourcelock::cli {

/// What a call on the lock returned, and the lock's state after it.
void say_result(const resource_lock& lock, const char* call, bool result);

/// The lock's state; with `verbosity` also who holds it. Returns false when the reader has gone.
bool say_state(const resource_lock& lock, int verbosity);

} // namespace resourcelock::cli
