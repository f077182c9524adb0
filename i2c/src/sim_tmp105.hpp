#pragma once

#include "sim_time.hpp"

#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// Texas Instruments TMP105 at a steady temperature, which it has measured before anybody asks.
/// Source: datasheet SLLS648, "Pointer Register", "Temperature Register", "Configuration Register"
/// (resolution with its conversion times), "High and Low Limit Registers". Not simulated: the alert output.
/// Lies in shared memory: plain data, and whatever a killed process left there is a state like another.
class tmp105 {
public:
    /// The temperature in sixteenths of a degree C, what 12 bits can tell.
    explicit tmp105(std::int16_t sixteenths) noexcept;

    /// Both return whether the address was acknowledged.
    bool write(std::span<const std::uint8_t> bytes, instant now) noexcept;
    bool read(std::span<std::uint8_t> into, instant now) noexcept;

private:
    void configure(std::uint8_t written, instant now) noexcept;
    void finish_conversion(instant now) noexcept;
    [[nodiscard]] std::uint16_t selected_register() const noexcept;

    instant done_ = 0; // when a conversion ends that changes the result
    std::uint16_t temperature_;
    std::uint16_t result_;
    std::uint16_t low_limit_ = 0x4b00;
    std::uint16_t high_limit_ = 0x5000;
    std::uint8_t config_ = 0;
    std::uint8_t converting_ = 0;
    std::uint8_t pointer_ = 0;
};

} // namespace resourcelock::sim
