#pragma once

#include <atomic>
#include <cstdint>

namespace resourcelock {

/// The page with the number; until it is made, a 0 elsewhere.
extern std::atomic<std::atomic<std::uint64_t>*> fork_mark_page;

/// Tells a process from the one it was forked from, for the price of one load: a page that the kernel empties
/// in the child (madvise(2), MADV_WIPEONFORK).
///
/// Returns a number that is never 0 and differs between a process and every process it descends from.
/// Thread-safe. Throws `std::system_error` when the page cannot be made.
std::uint64_t make_process_mark();

/// The current process's number; 0 in a forked child that has not called make_process_mark() yet.
inline std::uint64_t process_mark() noexcept
{
    return fork_mark_page.load(std::memory_order_acquire)->load(std::memory_order_relaxed);
}

} // namespace resourcelock
