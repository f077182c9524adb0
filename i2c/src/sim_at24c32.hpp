#pragma once

#include "sim_time.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// Microchip AT24C32D, an EEPROM of 4096 bytes.
/// Source: its datasheet DS20006047, sections 6 (page write, acknowledge polling) and 7 (reads); 5 ms write
/// cycle. Lies in shared memory: plain data, and whatever a killed process left there is a state like
/// another.
class at24c32 {
public:
    at24c32() noexcept { memory_.fill(0xff); }

    /// Both return whether the address was acknowledged: not during a write cycle.
    bool write(std::span<const std::uint8_t> bytes, instant now) noexcept;
    bool read(std::span<std::uint8_t> into, instant now) noexcept;

private:
    static constexpr std::size_t size = 4096;
    static constexpr std::size_t page_size = 32;

    instant idle_ = 0;           // when the write cycle ends
    std::uint32_t position_ = 0; // of the next byte; stays from one transaction to the next
    std::array<std::uint8_t, size> memory_;
};

} // namespace resourcelock::sim
