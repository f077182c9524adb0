#pragma once

#include "request.hpp"

/// Commands that make a lock free again, or go away; all but the forced unget only when nobody can be using
/// it. Each returns the exit code.
namespace resourcelock::cli {

/// Frees a lock, whoever holds it.
int unget_by_force(const request& asked);

/// Frees a lock whose holder, a program of this library, has died.
int reap(const request& asked);

/// The same; also when a Python program died holding it, if all processes are on view, so that it can be
/// told.
int unget_if_dead(const request& asked);

/// Removes the lock's files, and what its users noted beside them (lock_name.hpp).
int remove(const request& asked);

} // namespace resourcelock::cli
