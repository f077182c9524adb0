#pragma once

#include "sim_time.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// Maxim DS3231, a clock that runs with the bus's time; 2026-01-01 00:00:00, a Thursday (4), when the bus was
/// made, and 25.25 degrees C.
/// Source: datasheet 19-5170, "Clock and Calendar", "Special-Purpose Registers", "I2C Serial Data Bus". Not
/// simulated: alarms (their registers hold what was written), outputs, and temperature conversions. Lies in
/// shared memory: plain data, and whatever a killed process left there is a state like another.
class ds3231 {
public:
    /// Both return whether the address was acknowledged.
    bool write(std::span<const std::uint8_t> bytes, instant now) noexcept;
    bool read(std::span<std::uint8_t> into, instant now) noexcept;

private:
    static constexpr std::size_t time_size = 7;
    static constexpr std::size_t size = 0x13;
    using time_registers = std::array<std::uint8_t, time_size>;

    [[nodiscard]] time_registers time_at(instant now) const noexcept;
    void set_time(const time_registers& time) noexcept;
    void store(std::size_t number, std::uint8_t value) noexcept;

    instant second_began_ = 0;             // at the second below
    std::int64_t second_ = 820'540'800;    // since 2000-01-01 00:00:00
    std::array<std::uint8_t, size> others_{// those of the time are unused
                                           0, 0, 0, 0, 0,    0,    0, 0,    0,   0,
                                           0, 0, 0, 0, 0x1c, 0x88, 0, 0x19, 0x40};
    std::uint8_t weekday_shift_ = 5; // day 0 was a Saturday (6)
    std::uint8_t twelve_hours_ = 0;
    std::uint8_t pointer_ = 0;
};

} // namespace resourcelock::sim
