#pragma once

#include <resourcelock/i2c_bus.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

/// What is on the bus of the boards with an I2C controller (tests/kernel/board.sh): a TMP105, an AT24C256, a
/// DS1338, and a PCA9548 with a TMP105 behind each of its first two channels.
namespace board {

constexpr auto bus_name = "/dev/i2c-1";
constexpr int absent = 0x33;
constexpr int eeprom = 0x50;
constexpr int clock_chip = 0x68; // 8 registers of time, then 56 bytes of memory
constexpr int multiplexer = 0x70;
constexpr int behind_multiplexer = 0x4a;

// TMP105 (TI, SLLS648), section "Pointer register". Registers are big-endian words.
constexpr int tmp105 = 0x48;
constexpr std::uint8_t temperature_register = 0;
constexpr std::uint8_t low_limit_register = 2;
constexpr std::uint8_t high_limit_register = 3;

inline std::uint16_t big_endian(std::span<const std::uint8_t, 2> bytes)
{
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

inline std::uint16_t read_word(resourcelock::i2c_transactions& bus, int address)
{
    std::array<std::uint8_t, 2> value{};
    bus.read(address, value);
    return big_endian(value);
}

/// Writes to devices: only where these are emulated ones.
class fixture : public testing::Test {
protected:
    void SetUp() override
    {
        if (std::getenv("RESOURCELOCK_KERNEL_LAB") == nullptr)
            GTEST_SKIP() << "writes to devices of an emulated board: run it with tests/kernel/run";
    }
};

} // namespace board
