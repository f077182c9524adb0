// Reads the temperature of a TMP105. That is one transaction; the session is there for the look at a second
// register, which tells whether it is a TMP105 at all. Source: Texas Instruments, datasheet TMP105 (SLLS648),
// "Temperature Register" and "High and Low Limit Registers".
#include "sensor_program.hpp"

#include <resourcelock/i2c_device.hpp>

#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace {

using resourcelock::i2c_bus;
using resourcelock::i2c_device;

// A TMP105 has 0x48 (pin A0 at ground) or 0x49; the others are those of TMP75 and TMP175 with more pins,
// whose registers are the same.
constexpr int lowest_address = 0x48;
constexpr int highest_address = 0x4f;
constexpr int temperature_register = 0x00;
constexpr int upper_limit_register = 0x03;
constexpr unsigned unused_bits = 0x000f; // of both registers: 12 bits, left-justified

/// Two's complement, 1/256 degree C a bit.
double to_celsius(std::uint16_t code) { return static_cast<std::int16_t>(code) / 256.0; }

double measure_celsius(i2c_bus& bus, int address)
{
    i2c_device chip{bus, address};
    return bus.in_session({.lock_info = "tmp105"}, [&](auto&) {
        const auto temperature = chip.read<std::uint16_t>(temperature_register);
        // The chip has no identification, and an ADS1115 likes to sit at the same address.
        if (((temperature | chip.read<std::uint16_t>(upper_limit_register)) & unused_bits) != 0)
            throw std::runtime_error{"no TMP105 found: another device answers at address " +
                                     address_text(address)};
        return to_celsius(temperature);
    });
}

void print(const double& celsius) { std::printf("%.4f C\n", celsius); }

reading_fields fields_of(const double& celsius) { return {{"temperature_c", celsius}}; }

} // namespace

int main(int argc, char** argv)
{
    int address = lowest_address;
    const sensor_program<double> program{
        .name = "tmp105",
        .about = "Reads the temperature of a TMP105.",
        .device = "TMP105",
        .measure = [&](i2c_bus& bus) { return measure_celsius(bus, address); },
        .print = print,
        .fields = fields_of,
        .add_options =
            [&](CLI::App& app) { add_address_option(app, address, lowest_address, highest_address); }};
    return program.run(argc, argv);
}
