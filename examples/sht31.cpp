// Measures temperature and humidity with an SHT31. The sensor needs 15 ms between command and result; another
// program's command in that time would restart the measurement. The session keeps others out. Source:
// Sensirion, datasheet SHT3x-DIS, sections 4.3 and 4.12 to 4.13.
#include "sensor_program.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <thread>

namespace {

constexpr int address = 0x44; // pin ADDR low; high: 0x45
constexpr std::array<std::uint8_t, 2> measure_with_high_repeatability{0x24, 0x00};
constexpr std::chrono::milliseconds longest_measurement{15};

struct measurement {
    double celsius;
    double relative_humidity; // percent
};

std::uint8_t crc8(std::span<const std::uint8_t> bytes)
{
    unsigned crc = 0xff;
    for (const auto byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x80) != 0 ? crc << 1 ^ 0x131 : crc << 1;
    }
    return static_cast<std::uint8_t>(crc);
}

/// Two bytes and their checksum.
double checked_word(std::span<const std::uint8_t, 3> bytes)
{
    if (crc8(bytes.first(2)) != bytes[2])
        throw std::runtime_error{"the SHT31's answer is corrupt (checksum); are the wires too long?"};
    return bytes[0] << 8 | bytes[1];
}

measurement measure(resourcelock::i2c_bus& bus)
{
    std::array<std::uint8_t, 6> bytes{};
    {
        auto session = bus.session({.lock_info = "sht31"});
        session.write(address, measure_with_high_repeatability);
        std::this_thread::sleep_for(longest_measurement);
        session.read(address, bytes);
    }
    const std::span all{bytes};
    return {-45 + 175 * checked_word(all.first<3>()) / 65535, 100 * checked_word(all.last<3>()) / 65535};
}

void do_job(resourcelock::i2c_bus& bus, bool json)
{
    const auto [celsius, humidity] = measure(bus);
    if (json) {
        const nlohmann::json line{
            {"bus", bus.name()}, {"temperature_c", celsius}, {"relative_humidity_percent", humidity}};
        std::puts(line.dump().c_str());
    } else {
        std::printf("%.2f C, %.2f %%RH\n", celsius, humidity);
    }
}

} // namespace

int main(int argc, char** argv)
{
    const sensor_program program{.name = "sht31",
                                 .about = "Measures temperature and humidity with an SHT31.",
                                 .device = "SHT31",
                                 .job = do_job};
    return program.run(argc, argv);
}
