#pragma once

#include <resourcelock/wait_limit.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>

namespace resourcelock {

/// The longest sleep before a waiter looks again whether the holder lives, the text changed, or it shall
/// stop. It bounds the recovery of a crashed holder; 5 ms cost a waiter 0.6 % of a core.
constexpr std::chrono::nanoseconds slice = std::chrono::milliseconds{5};

/// How long one acquire may go on. The clock is read when the first wait begins, and not at all by an acquire
/// that does not wait.
class patience {
public:
    using clock = std::chrono::steady_clock; // CLOCK_MONOTONIC

    /// Both have to live as long.
    patience(const wait_limit& limit, const std::stop_token& stop) noexcept : limit_{limit}, stop_{stop} {}

    [[nodiscard]] bool asks_once() const noexcept
    {
        return limit_.duration() == std::chrono::nanoseconds::zero();
    }

    /// The time begins to count; otherwise at the first sleep.
    void start() noexcept
    {
        if (!start_)
            start_ = clock::now();
    }

    /// How long to sleep now: at most a slice; nullopt: not at all, the time is over or `stop` was requested.
    [[nodiscard]] std::optional<std::chrono::nanoseconds>
    next_sleep(std::chrono::nanoseconds longest = slice) noexcept
    {
        if (asks_once() || stop_.stop_requested())
            return std::nullopt;
        slept_ = true;
        const auto limit = limit_.duration();
        if (!limit)
            return longest;
        start();
        const auto left = *limit - (clock::now() - *start_);
        if (left <= std::chrono::nanoseconds::zero())
            return std::nullopt;
        return std::min<std::chrono::nanoseconds>(left, longest);
    }

    /// Whether any sleep was granted.
    [[nodiscard]] bool slept() const noexcept { return slept_; }

private:
    bool slept_ = false;
    const wait_limit& limit_; // not copied: most acquires do not wait
    const std::stop_token& stop_;
    std::optional<clock::time_point> start_;
};

} // namespace resourcelock
