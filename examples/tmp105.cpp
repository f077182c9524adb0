// Reads the temperature of a TMP105.
// Source: Texas Instruments, datasheet TMP105 (SBOS648), section 7.5.
#include "sensor_program.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace {

constexpr int address = 0x48; // all address pins at ground
constexpr std::uint8_t temperature_register = 0x00;
constexpr std::uint8_t upper_limit_register = 0x03;
constexpr unsigned unused_bits = 0x000f; // of both registers: 12 bits, left-justified

std::uint16_t read_register(resourcelock::i2c_session& session, std::uint8_t which)
{
    std::array<std::uint8_t, 2> bytes{};
    session.write_read(address, {which}, bytes);
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

double read_celsius(resourcelock::i2c_bus& bus)
{
    auto session = bus.session({.lock_info = "tmp105"});
    const auto temperature = read_register(session, temperature_register);
    // The chip has no identification, and an ADS1115 likes to sit at the same address.
    if (((temperature | read_register(session, upper_limit_register)) & unused_bits) != 0)
        throw std::runtime_error{"no TMP105 found: another device answers at address 0x48"};
    return static_cast<std::int16_t>(temperature) / 256.0;
}

void do_job(resourcelock::i2c_bus& bus, bool json)
{
    const double celsius = read_celsius(bus);
    if (json)
        std::puts(nlohmann::json{{"bus", bus.name()}, {"temperature_c", celsius}}.dump().c_str());
    else
        std::printf("%.4f C\n", celsius);
}

} // namespace

int main(int argc, char** argv)
{
    const sensor_program program{
        .name = "tmp105", .about = "Reads the temperature of a TMP105.", .device = "TMP105", .job = do_job};
    return program.run(argc, argv);
}
