// Measures the four inputs of an ADS1115 against ground. A measurement is three steps: start, wait, fetch.
// The chip has one result register for all inputs, so a start by another program in between gives us the
// voltage of *its* input. The session keeps others out. Source: Texas Instruments, datasheet ADS111x
// (SBAS444), sections 8.1 and 7.5.4.
#include "sensor_program.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <thread>

namespace {

constexpr int address = 0x48; // pin ADDR at ground
constexpr int inputs = 4;
constexpr std::uint8_t conversion_register = 0x00;
constexpr std::uint8_t config_register = 0x01;
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

std::uint16_t read_register(resourcelock::i2c_session& session, std::uint8_t which)
{
    std::array<std::uint8_t, 2> bytes{};
    session.write_read(address, {which}, bytes);
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

double measure_volts(resourcelock::i2c_bus& bus, int input)
{
    using clock = std::chrono::steady_clock;
    const auto config =
        static_cast<std::uint16_t>(start_or_idle | (input_0_to_ground + input * next_input) |
                                   range_4_096_volts | single_shot | samples_128_per_second | no_comparator);
    auto session = bus.session({.lock_info = "ads1115"});
    session.write(address, {config_register, static_cast<std::uint8_t>(config >> 8),
                            static_cast<std::uint8_t>(config & 0xff)});
    const auto give_up = clock::now() + longest_wait;
    std::this_thread::sleep_for(usual_wait);
    while ((read_register(session, config_register) & start_or_idle) == 0) {
        if (clock::now() > give_up)
            throw std::runtime_error{
                "the ADS1115 does not finish its conversion; is its supply voltage stable?"};
        std::this_thread::sleep_for(std::chrono::microseconds{500});
    }
    const auto result = read_register(session, conversion_register);
    // A program that does without sessions, or a reset of the chip, would show here.
    if (((read_register(session, config_register) ^ config) & one_input_and_range) != 0)
        throw std::runtime_error{
            "the ADS1115's configuration changed meanwhile; who else uses it without a session?"};
    return static_cast<std::int16_t>(result) * full_scale / 32768;
}

void do_job(resourcelock::i2c_bus& bus, bool json)
{
    std::array<double, inputs> volts{};
    for (int input = 0; input < inputs; ++input)
        volts.at(static_cast<std::size_t>(input)) = measure_volts(bus, input);
    if (json)
        std::puts(nlohmann::json{{"bus", bus.name()}, {"volts", volts}}.dump().c_str());
    else
        std::printf("AIN0 %.4f V, AIN1 %.4f V, AIN2 %.4f V, AIN3 %.4f V\n", volts[0], volts[1], volts[2],
                    volts[3]);
}

} // namespace

int main(int argc, char** argv)
{
    const sensor_program program{.name = "ads1115",
                                 .about = "Measures the four inputs of an ADS1115.",
                                 .device = "ADS1115",
                                 .job = do_job};
    return program.run(argc, argv);
}
