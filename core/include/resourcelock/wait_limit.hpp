#pragma once

#include <chrono>
#include <optional>

namespace resourcelock {

/// How long a call may wait: any `std::chrono` duration, or `std::nullopt` to wait for ever (also as an
/// optional duration without a value).
///
/// Zero or a negative duration asks once and does not wait. A duration too long for 64 bits of nanoseconds
/// (292 years) waits for ever instead of wrapping round; one that is not a number asks once.
class wait_limit {
public:
    /// For ever.
    constexpr wait_limit(std::nullopt_t) noexcept : limit_{std::nullopt} {}

    /// So long at most; in any unit, whole numbers or not.
    template <class Rep, class Period>
    constexpr wait_limit(std::chrono::duration<Rep, Period> duration) noexcept : limit_{saturated(duration)}
    {}

    /// So long at most, or for ever when it has no value.
    template <class Rep, class Period>
    constexpr wait_limit(const std::optional<std::chrono::duration<Rep, Period>>& duration) noexcept
        : limit_{duration ? saturated(*duration) : std::nullopt}
    {}

    /// What is left until `deadline`, however far that is.
    template <class Clock, class Duration>
    static wait_limit until(std::chrono::time_point<Clock, Duration> deadline)
    {
        const auto since_epoch = [](auto when) { return seconds_of_any_size{when.time_since_epoch()}; };
        return since_epoch(deadline) - since_epoch(Clock::now());
    }

    /// Nanoseconds, never negative; nullopt waits for ever.
    [[nodiscard]] constexpr std::optional<std::chrono::nanoseconds> duration() const noexcept
    {
        return limit_;
    }

private:
    // comparing with nanoseconds::max() in a type of whole numbers would overflow before it could saturate
    using seconds_of_any_size = std::chrono::duration<long double>;

    template <class Rep, class Period>
    static constexpr std::optional<std::chrono::nanoseconds>
    saturated(std::chrono::duration<Rep, Period> duration) noexcept
    {
        using namespace std::chrono;
        const auto wide = seconds_of_any_size{duration};
        if (!(wide.count() > 0))
            return nanoseconds::zero();
        if (wide >= seconds_of_any_size{nanoseconds::max()})
            return std::nullopt;
        return duration_cast<nanoseconds>(duration);
    }

    std::optional<std::chrono::nanoseconds> limit_;
};

} // namespace resourcelock
