#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <thread>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/// futex(2) on the upper half of a 64-bit word in shared memory.
namespace resourcelock {

namespace futex_detail {

// 32-bit systems have two numbers for this call: the newer one (Linux 5.1) reads the timespec that
// -D_TIME_BITS=64 gives us.
static_assert(sizeof(std::time_t) == 8 && sizeof(std::timespec) == 16);
#if defined(SYS_futex_time64)
constexpr long number = SYS_futex_time64;
#else
constexpr long number = SYS_futex;
#endif

inline std::uint32_t* upper_half(std::atomic<std::uint64_t>& word) noexcept
{
    auto* const halves = reinterpret_cast<std::uint32_t*>(&word);
    return halves + (std::endian::native == std::endian::little ? 1 : 0);
}

} // namespace futex_detail

/// When a sleep of `limit` that begins now ends, by CLOCK_MONOTONIC.
inline std::timespec end_of(std::chrono::nanoseconds limit) noexcept
{
    const auto end = std::chrono::steady_clock::now().time_since_epoch() + limit;
    std::timespec until{};
    until.tv_sec = static_cast<std::time_t>(end / std::chrono::seconds{1});
    until.tv_nsec = static_cast<long>(end % std::chrono::seconds{1} / std::chrono::nanoseconds{1});
    return until;
}

/// Whom a wake-up may meet: futex(2), FUTEX_WAIT_BITSET.
enum class sleepers : std::uint32_t {
    newcomers = 1,
    patient = 2, ///< those that have slept before, and so are behind newcomers in the kernel's queue
};

/// Sleeps while the word's upper half is that of `seen`, until woken, a signal, or `limit` is over; the
/// caller looks what happened.
inline void futex_wait(std::atomic<std::uint64_t>& word, std::uint64_t seen, std::chrono::nanoseconds limit,
                       sleepers among) noexcept
{
    const auto until = end_of(limit);
    const auto result =
        syscall(futex_detail::number, futex_detail::upper_half(word), FUTEX_WAIT_BITSET,
                static_cast<std::uint32_t>(seen >> 32U), &until, nullptr, static_cast<std::uint32_t>(among));
    // Where the call is forbidden, as SYS_futex_time64 is by the filters of old container engines, looking
    // now and then has to do.
    if (result != 0 && errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(limit, std::chrono::milliseconds{1}));
}

/// Wakes one of these sleepers, the one whose sleep is the longest. Returns whether there was one.
inline bool futex_wake_one(std::atomic<std::uint64_t>& word, sleepers among) noexcept
{
    return syscall(futex_detail::number, futex_detail::upper_half(word), FUTEX_WAKE_BITSET, 1, nullptr,
                   nullptr, static_cast<std::uint32_t>(among)) > 0;
}

} // namespace resourcelock
