// Measures temperature and humidity with an SHT31. The sensor needs 15 ms between command and result; another
// program's command in that time would restart the measurement. The session keeps others out. Source:
// Sensirion, datasheet SHT3x-DIS, "Measurement Commands for Single Shot Data Acquisition Mode", "Checksum
// Calculation" and "Conversion of Signal Output".
#include "sensor_program.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <thread>

namespace {

using resourcelock::i2c_bus;
using resourcelock::i2c_session;

constexpr int address = 0x44; // pin ADDR low; high: 0x45
constexpr std::array<std::uint8_t, 2> measure_with_high_repeatability{0x24, 0x00};
constexpr std::chrono::milliseconds longest_measurement{15};

using answer = std::array<std::uint8_t, 6>; // twice two bytes and their checksum

struct measurement {
    double celsius;
    double relative_humidity; // percent
};

answer ask_sensor(i2c_bus& bus)
{
    return bus.in_session({.lock_info = "sht31"}, [](i2c_session& session) {
        answer bytes{};
        session.write(address, measure_with_high_repeatability);
        std::this_thread::sleep_for(longest_measurement);
        session.read(address, bytes);
        return bytes;
    });
}

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

double checked_word(std::span<const std::uint8_t, 3> bytes)
{
    if (crc8(bytes.first(2)) != bytes[2])
        throw std::runtime_error{"the SHT31's answer is corrupt (checksum); are the wires too long?"};
    return bytes[0] << 8 | bytes[1];
}

measurement convert(const answer& bytes)
{
    const std::span all{bytes};
    return {-45 + 175 * checked_word(all.first<3>()) / 65535, 100 * checked_word(all.last<3>()) / 65535};
}

void print(const measurement& now) { std::printf("%.2f C, %.2f %%RH\n", now.celsius, now.relative_humidity); }

reading_fields fields_of(const measurement& now)
{
    return {{"temperature_c", now.celsius}, {"relative_humidity_percent", now.relative_humidity}};
}

} // namespace

int main(int argc, char** argv)
{
    const sensor_program<measurement> program{
        .name = "sht31",
        .about = "Measures temperature and humidity with an SHT31.",
        .device = "SHT31",
        .measure = [](i2c_bus& bus) { return convert(ask_sensor(bus)); },
        .print = print,
        .fields = fields_of};
    return program.run(argc, argv);
}
