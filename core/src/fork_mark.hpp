#pragma once

#include <cstdint>

namespace resourcelock {

/// Tells a process from the one it was forked from, for the price of one load: a page that the kernel empties
/// in the child (madvise(2), MADV_WIPEONFORK).
///
/// Returns a number that is never 0 and differs between a process and every process it descends from.
/// Thread-safe. Throws `std::system_error` when the page cannot be made.
std::uint64_t make_process_mark();

/// The current process's number; 0 in a forked child that has not called make_process_mark() yet.
std::uint64_t process_mark() noexcept;

} // namespace resourcelock
