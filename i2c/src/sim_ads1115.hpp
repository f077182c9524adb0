#pragma once

#include "sim_time.hpp"

#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// Texas Instruments ADS1115 with a steady voltage at each input: 0.3, 0.8, 1.25 and 1.9 V at AIN0 to AIN3.
/// Source: datasheet SBAS444E, sections 7.3 (multiplexer, gain), 7.5 (pointer) and 8.1 (registers). Not
/// simulated: the comparator, and the 10 % by which its clock may be off. Lies in shared memory: plain data,
/// and whatever a killed process left there is a state like another.
class ads1115 {
public:
    /// Both return whether the address was acknowledged.
    bool write(std::span<const std::uint8_t> bytes, instant now) noexcept;
    bool read(std::span<std::uint8_t> into, instant now) noexcept;

private:
    void configure(std::uint16_t written, instant now) noexcept;
    void finish_conversion(instant now) noexcept;
    [[nodiscard]] std::uint16_t selected_register() const noexcept;

    instant done_ = 0; // when the running conversion ends
    std::uint16_t result_ = 0;
    std::uint16_t next_result_ = 0; // of the running conversion
    std::uint16_t config_ = 0x8583;
    std::uint16_t low_threshold_ = 0x8000;
    std::uint16_t high_threshold_ = 0x7fff;
    std::uint8_t pointer_ = 0;
    std::uint8_t converting_ = 0;
};

} // namespace resourcelock::sim
