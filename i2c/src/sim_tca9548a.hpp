#pragma once

#include "sim_time.hpp"

#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// Texas Instruments TCA9548A, a switch for eight buses behind this one; all are off at power-on.
/// Source: datasheet SCPS207, "Bus Transactions" and "Control Register". Lies in shared memory: plain data,
/// and whatever a killed process left there is a state like another.
class tca9548a {
public:
    /// Both return whether the address was acknowledged.
    bool write(std::span<const std::uint8_t> bytes, instant now) noexcept;
    bool read(std::span<std::uint8_t> into, instant now) const noexcept;

    /// A channel that was selected becomes active after the STOP: those that were written hold from here.
    void stop() noexcept { selected_ = written_; }

    [[nodiscard]] bool is_selected(unsigned channel) const noexcept
    {
        return (selected_ >> channel & 1U) != 0;
    }

private:
    std::uint8_t written_ = 0;
    std::uint8_t selected_ = 0;
};

} // namespace resourcelock::sim
