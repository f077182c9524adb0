#pragma once

#include <chrono>
#include <optional>

namespace resourcelock {

/// How long a call may wait: any `std::chrono` duration, or `std::nullopt` to wait for ever.
///
/// Zero or a negative duration asks once and does not wait. A duration too long for 64 bits of nanoseconds
/// (292 years) waits for ever instead of wrapping round; one that is not a number asks once.
class wait_limit {
public:
    constexpr wait_limit(std::nullopt_t) noexcept : limit_{std::nullopt} {}

    template <class Rep, class Period>
    constexpr wait_limit(std::chrono::duration<Rep, Period> duration) noexcept : limit_{saturated(duration)}
    {}

    /// Nanoseconds, never negative; nullopt waits for ever.
    [[nodiscard]] constexpr std::optional<std::chrono::nanoseconds> duration() const noexcept
    {
        return limit_;
    }

private:
    template <class Rep, class Period>
    static constexpr std::optional<std::chrono::nanoseconds>
    saturated(std::chrono::duration<Rep, Period> duration) noexcept
    {
        using namespace std::chrono;
        // long double, because comparing with nanoseconds::max() in Rep would overflow before it could
        // saturate
        using seconds_of_any_size = std::chrono::duration<long double>;
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
