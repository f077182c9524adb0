#pragma once

#include "sim_time.hpp"

#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// Sensirion SHT31 in single-shot mode without clock stretching; 25.0 degrees C and 50 % relative humidity.
/// Source: datasheet SHT3x-DIS, "Specifications" (durations), "Measurement Commands for Single
/// Shot Data Acquisition Mode", "Reset", "Status Register", "Checksum Calculation". Lies in shared memory:
/// plain data, and whatever a killed process left there is a state like another.
class sht31 {
public:
    /// Both return whether the address was acknowledged.
    bool write(std::span<const std::uint8_t> bytes, instant now) noexcept;
    bool read(std::span<std::uint8_t> into, instant now) noexcept;

private:
    enum class output : std::uint8_t { none, measurement, status };

    void measure(instant until) noexcept;

    instant ready_ = 0;             // before, the measurement is not finished
    std::uint16_t status_ = 0x8010; // alert pending, reset detected
    output output_ = output::none;
};

} // namespace resourcelock::sim
