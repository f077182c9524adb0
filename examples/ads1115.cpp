// Measures the four inputs of an ADS1115 against ground. A measurement is three steps: start, wait, fetch.
// The chip has one result register for all inputs, so a start by another program in between gives us the
// voltage of *its* input. The session keeps others out. Source: Texas Instruments, datasheet ADS111x
// (SBAS444), sections 8.1 (registers) and 7.5.4 (data format).
#include "sensor_program.hpp"

#include <resourcelock/i2c_device.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace {

using resourcelock::i2c_bus;
using resourcelock::i2c_device;

constexpr int address = 0x48; // pin ADDR at ground
constexpr std::size_t inputs = 4;
constexpr int conversion_register = 0x00;
constexpr int config_register = 0x01;
constexpr std::uint16_t start_or_idle = 0x8000;       // written: start; read: no conversion is going on
constexpr std::uint16_t one_input_and_range = 0x7e00; // the fields MUX and PGA
constexpr std::uint16_t input_0_to_ground = 0x4000;
constexpr std::uint16_t next_input = 0x1000;
constexpr std::uint16_t range_4_096_volts = 0x0200;
constexpr std::uint16_t single_shot = 0x0100;
constexpr std::uint16_t samples_128_per_second = 0x0080;
constexpr std::uint16_t no_comparator = 0x0003;
constexpr double full_scale = 4.096; // volts, at 32768
constexpr std::chrono::milliseconds usual_wait{8};
constexpr std::chrono::milliseconds longest_wait{50};

using voltages = std::array<double, inputs>;

std::uint16_t config_for(std::size_t input)
{
    return static_cast<std::uint16_t>(start_or_idle | (input_0_to_ground + input * next_input) |
                                      range_4_096_volts | single_shot | samples_128_per_second |
                                      no_comparator);
}

void wait_for_end(i2c_device& chip)
{
    const auto give_up = std::chrono::steady_clock::now() + longest_wait;
    std::this_thread::sleep_for(usual_wait);
    while ((chip.read<std::uint16_t>(config_register) & start_or_idle) == 0) {
        if (std::chrono::steady_clock::now() > give_up)
            throw std::runtime_error{
                "the ADS1115 does not finish its conversion; is its supply voltage stable?"};
        std::this_thread::sleep_for(std::chrono::microseconds{500});
    }
}

std::uint16_t convert_input(i2c_bus& bus, std::size_t input)
{
    i2c_device chip{bus, address};
    return bus.in_session({.lock_info = "ads1115"}, [&](auto&) {
        const auto config = config_for(input);
        chip.write<std::uint16_t>(config_register, config);
        wait_for_end(chip);
        const auto code = chip.read<std::uint16_t>(conversion_register);
        // A program that does without sessions, or a reset of the chip, would show here.
        if (((chip.read<std::uint16_t>(config_register) ^ config) & one_input_and_range) != 0)
            throw std::runtime_error{
                "the ADS1115's configuration changed meanwhile; who else uses it without a session?"};
        return code;
    });
}

/// Two's complement.
double to_volts(std::uint16_t code) { return static_cast<std::int16_t>(code) * full_scale / 32768; }

/// A session for each input: other programs have the bus in between.
voltages measure(i2c_bus& bus)
{
    voltages volts{};
    for (std::size_t input = 0; input < inputs; ++input)
        volts.at(input) = to_volts(convert_input(bus, input));
    return volts;
}

void print(const voltages& volts)
{
    std::printf("AIN0 %.4f V, AIN1 %.4f V, AIN2 %.4f V, AIN3 %.4f V\n", volts[0], volts[1], volts[2],
                volts[3]);
}

reading_fields fields_of(const voltages& volts)
{
    return {{"volts", std::vector(volts.begin(), volts.end())}};
}

} // namespace

int main(int argc, char** argv)
{
    const sensor_program<voltages> program{.name = "ads1115",
                                           .about = "Measures the four inputs of an ADS1115.",
                                           .device = "ADS1115",
                                           .measure = measure,
                                           .print = print,
                                           .fields = fields_of};
    return program.run(argc, argv);
}
