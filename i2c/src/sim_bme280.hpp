#pragma once

#include "sim_time.hpp"

#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// Bosch BME280 in constant air of 23.72 degrees C, 1009.427 hPa and 65.3 % relative humidity.
/// Source: datasheet BST-BME280-DS002, sections 3.3 (modes), 3.4 (resolution, skipped quantities), 4 (burst
/// reads), 5 (registers), 6.2 (I2C) and 9.1 (longest measuring time, which this one always takes). What makes
/// two programs' readings differ is the resolution: pressure and temperature have 16 bits at oversampling x1
/// and one more at each step up to 20 at x16, or 20 with the filter on; the bits below read 0. Not simulated:
/// noise, the filter's memory, and the start-up time after a reset. Lies in shared memory: plain data, and
/// whatever a killed process left there is a state like another.
class bme280 {
public:
    /// Both return whether the address was acknowledged.
    bool write(std::span<const std::uint8_t> bytes, instant now) noexcept;
    bool read(std::span<std::uint8_t> into, instant now) noexcept;

private:
    void store(std::uint8_t address, std::uint8_t value, instant now) noexcept;
    void control(std::uint8_t value, instant now) noexcept;
    void begin(std::uint8_t value, instant now) noexcept;
    void finish(instant now) noexcept;
    void convert() noexcept;
    [[nodiscard]] bool is_measuring(instant now) const noexcept;
    [[nodiscard]] instant duration() const noexcept;
    [[nodiscard]] instant standby() const noexcept;
    [[nodiscard]] std::uint32_t at_resolution(std::uint32_t value, unsigned oversampling) const noexcept;
    [[nodiscard]] std::uint8_t register_at(std::uint8_t address, instant now) const noexcept;
    [[nodiscard]] std::uint8_t data_at(std::uint8_t address) const noexcept;

    instant done_ = 0; // when the running measurement ends
    std::uint32_t pressure_ = 0x80000;
    std::uint32_t temperature_ = 0x80000;
    std::uint16_t humidity_ = 0x8000;
    std::uint8_t control_ = 0;
    std::uint8_t humidity_control_ = 0;      // in effect
    std::uint8_t next_humidity_control_ = 0; // written, in effect with the next write to ctrl_meas
    std::uint8_t config_ = 0;
    std::uint8_t next_control_ = 0; // written during a measurement, in effect after it
    std::uint8_t has_next_control_ = 0;
    std::uint8_t pointer_ = 0;
};

} // namespace resourcelock::sim
