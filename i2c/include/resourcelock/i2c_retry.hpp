#pragma once

#include <resourcelock/export.hpp>

#include <algorithm>
#include <chrono>
#include <system_error>

namespace resourcelock {

/// Which failures are worth another try. A value: give it to a bus for its single transactions
/// (`bus_options::retry`), to `i2c_bus::in_session` for a whole sequence, or to `i2c_attempts` for a loop of
/// your own. Every policy ends: after so many attempts or at a deadline, and the waits in between are short,
/// growing and random (0.1 to 2.4 ms), so that two controllers do not meet again.
///
/// Not retried by any policy: timed_out and bus_busy (a line may be stuck), and whatever will be the same
/// next time, such as not_supported.
class RESOURCELOCK_EXPORT i2c_retry {
public:
    /// No second attempt.
    static constexpr i2c_retry none() noexcept { return i2c_retry{}; }

    /// Another controller was first (`i2c_errc::arbitration_lost`): up to 4 more attempts. The default.
    static constexpr i2c_retry arbitration_lost() noexcept
    {
        i2c_retry policy;
        policy.after_arbitration_ = 4;
        return policy;
    }

    /// The device does not acknowledge while it is busy with itself, as an EEPROM that writes (acknowledge
    /// polling): again until `at_most` has passed since the first attempt. Arbitration as above.
    static constexpr i2c_retry while_busy(std::chrono::nanoseconds at_most) noexcept
    {
        auto policy = arbitration_lost();
        policy.busy_ = at_most;
        return policy;
    }

    /// Reads that change nothing in the device may be repeated: up to 2 more attempts after
    /// `i2c_errc::io_error` and `i2c_errc::corrupt`. On a bus this concerns the transactions whose last
    /// message reads; a sequence given to `in_session` must be harmless to repeat as a whole. Arbitration as
    /// above.
    static constexpr i2c_retry idempotent_reads() noexcept
    {
        auto policy = arbitration_lost();
        policy.after_damage_ = 2;
        return policy;
    }

    /// The same policy, for an operation that is not harmless to repeat once it may have been carried out.
    [[nodiscard]] constexpr i2c_retry for_writes() const noexcept
    {
        auto policy = *this;
        policy.after_damage_ = 0;
        return policy;
    }

private:
    friend class i2c_attempts;

    constexpr i2c_retry() noexcept = default;

    int after_arbitration_ = 0;
    int after_damage_ = 0;
    std::chrono::nanoseconds busy_{0};
};

/// Counts the attempts of one operation under a policy:
///
///     i2c_attempts attempts{i2c_retry::while_busy(20ms)};
///     do
///         session.write(0x50, {0, 0}, error);
///     while (attempts.again(error));
///
/// One thread at a time.
class RESOURCELOCK_EXPORT i2c_attempts {
public:
    /// Time and attempts count from here.
    explicit i2c_attempts(const i2c_retry& policy) noexcept : left_{policy}
    {
        constexpr std::chrono::nanoseconds for_ever = std::chrono::hours{24 * 365};
        if (policy.busy_ > std::chrono::nanoseconds::zero())
            end_of_busy_ = std::chrono::steady_clock::now() + std::min(policy.busy_, for_ever);
    }

    /// Whether to try again after this result; false for success. Waits before it returns true.
    [[nodiscard]] bool again(std::error_code result) noexcept;

private:
    i2c_retry left_;
    std::chrono::steady_clock::time_point end_of_busy_{};
    int made_ = 0;
};

} // namespace resourcelock
