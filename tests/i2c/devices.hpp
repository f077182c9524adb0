#pragma once

#include <resourcelock/i2c_bus.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

/// The sequences that drivers of the simulated devices run.
namespace test {

using namespace std::chrono_literals;

constexpr int sht31 = 0x44;
constexpr int ads1115 = 0x48;
constexpr int tmp105 = 0x49;
constexpr int tmp105_behind = 0x4a; // one on channel 0 of the switch, one on channel 1
constexpr int at24c32 = 0x50;
constexpr int ds3231 = 0x68;
constexpr int tca9548a = 0x70;
constexpr int bme280 = 0x76;
constexpr int absent = 0x20;

using bytes = std::vector<std::uint8_t>;

/// Written to the ADS1115's config register: one conversion of a single-ended input, +-2.048 V, 860 a second.
constexpr std::array<std::uint8_t, 3> start_conversion(unsigned channel)
{
    return {0x01, static_cast<std::uint8_t>(0xc5 | channel << 4), 0xe3};
}

/// What a conversion of that input gives, in 62.5 uV.
constexpr std::array<int, 4> channel_codes{4800, 12800, 20000, 30400};

constexpr auto conversion_time = 1163us; // 1/860 s

inline int read_result(resourcelock::i2c_transactions& bus)
{
    std::array<std::uint8_t, 2> result{};
    bus.write_read(ads1115, {0x00}, result);
    return static_cast<std::int16_t>(result[0] << 8 | result[1]);
}

/// Starts, waits and reads; somebody else may come between where nobody is kept out.
inline int measure(resourcelock::i2c_transactions& bus, unsigned channel)
{
    bus.write(ads1115, start_conversion(channel));
    std::this_thread::sleep_for(conversion_time);
    return read_result(bus);
}

inline bytes read_bytes(resourcelock::i2c_transactions& bus, int address, std::size_t count)
{
    bytes into(count);
    bus.read(address, into);
    return into;
}

/// From a register on, of devices whose registers have one byte for a number.
inline bytes read_registers(resourcelock::i2c_transactions& bus, int address, std::uint8_t first,
                            std::size_t count)
{
    bytes into(count);
    bus.write_read(address, {first}, into);
    return into;
}

/// From a position of the EEPROM on.
inline bytes read_memory(resourcelock::i2c_transactions& bus, unsigned position, std::size_t count)
{
    bytes into(count);
    bus.write_read(at24c32,
                   {static_cast<std::uint8_t>(position >> 8), static_cast<std::uint8_t>(position & 0xff)},
                   into);
    return into;
}

inline bytes at_position(unsigned position, const bytes& data)
{
    bytes message{static_cast<std::uint8_t>(position >> 8), static_cast<std::uint8_t>(position & 0xff)};
    message.insert(message.end(), data.begin(), data.end());
    return message;
}

/// Acknowledge polling: sends again until the EEPROM's write cycle is over.
inline void write_memory(resourcelock::i2c_transactions& bus, unsigned position, const bytes& data)
{
    std::error_code error;
    do
        bus.write(at24c32, at_position(position, data), error);
    while (error == resourcelock::i2c_errc::no_acknowledge);
    if (error)
        throw std::system_error{error};
}

/// Repeats an attempt that took so long (the machine was busy) that it shows nothing about the time before
/// `limit`.
template <class Attempt>
auto faster_than(std::chrono::nanoseconds limit, Attempt attempt)
{
    for (;;) {
        const auto start = std::chrono::steady_clock::now();
        const auto result = attempt();
        if (std::chrono::steady_clock::now() - start < limit)
            return result;
    }
}

} // namespace test
