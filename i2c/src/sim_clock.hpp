#pragma once

#include "sim_time.hpp"

namespace resourcelock::sim {

/// The time of a simulated bus: CLOCK_MONOTONIC, unless somebody stops or moves it. Lies in shared memory:
/// plain data, used with the transaction lock held.
class bus_clock {
public:
    bus_clock() noexcept;

    [[nodiscard]] instant now() const noexcept;
    void stop() noexcept;
    void start() noexcept;

    /// Returns whether the time can go so far; it ends after 146 years, so that a device may add to it.
    [[nodiscard]] bool advance(instant duration) noexcept;

    /// Lets time pass for everybody: sleeps, or moves the time that stands still.
    void pass(instant duration) noexcept;

private:
    instant offset_;         // added to the machine's time while it runs
    instant stopped_at_ = 0; // the time while it stands
    std::uint8_t stopped_ = 0;
};

} // namespace resourcelock::sim
