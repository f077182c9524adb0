#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/// futex(2) on the upper half of a 64-bit word in shared memory.
namespace resourcelock {

namespace futex_detail {

// 32-bit systems have two numbers for this call; which one fits depends on the size of the C library's
// timespec.
#if defined(SYS_futex_time64)
constexpr long number = sizeof(std::time_t) == 8 ? SYS_futex_time64 : SYS_futex;
#else
constexpr long number = SYS_futex;
#endif

inline std::uint32_t* upper_half(std::atomic<std::uint64_t>& word) noexcept
{
    auto* const halves = reinterpret_cast<std::uint32_t*>(&word);
    return halves + (std::endian::native == std::endian::little ? 1 : 0);
}

} // namespace futex_detail

/// Sleeps while the word's upper half is that of `seen`, until woken, a signal, or the time is over; the
/// caller looks what happened.
inline void futex_wait(std::atomic<std::uint64_t>& word, std::uint64_t seen,
                       std::chrono::nanoseconds limit) noexcept
{
    std::timespec time{};
    time.tv_sec = static_cast<std::time_t>(limit.count() / 1'000'000'000);
    time.tv_nsec = static_cast<long>(limit.count() % 1'000'000'000);
    syscall(futex_detail::number, futex_detail::upper_half(word), FUTEX_WAIT,
            static_cast<std::uint32_t>(seen >> 32U), &time, nullptr, 0);
}

/// Wakes one sleeper, the one that sleeps longest. Returns whether there was one.
inline bool futex_wake_one(std::atomic<std::uint64_t>& word) noexcept
{
    return syscall(futex_detail::number, futex_detail::upper_half(word), FUTEX_WAKE, 1, nullptr, nullptr, 0) >
           0;
}

} // namespace resourcelock
