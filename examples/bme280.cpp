// Measures temperature, pressure and humidity with a BME280, or without humidity with a BMP280. A measurement
// is four steps: configure, start, wait, fetch. Another program's start in between, with other settings,
// would give us its numbers; the session keeps others out. Source: Bosch, datasheet BME280
// (BST-BME280-DS002), sections 3.3 (forced mode), 4 (burst read), 5 (registers), 8.1 (formulas in double
// precision) and 9.1 (measuring time). Those of the BMP280 (BST-BMP280-DS001) are the same.
#include "sensor_program.hpp"

#include <resourcelock/i2c_device.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>

namespace {

using resourcelock::i2c_bus;
using resourcelock::i2c_device;

constexpr int lowest_address = 0x76; // pin SDO at ground
constexpr int highest_address = 0x77;
constexpr int calibration_register = 0x88;
constexpr int id_register = 0xd0;
constexpr int humidity_calibration_register = 0xe1;
constexpr int humidity_control_register = 0xf2;
constexpr int status_register = 0xf3; // and the next one is that of control
constexpr int control_register = 0xf4;
constexpr int config_register = 0xf5;
constexpr int data_register = 0xf7;
constexpr std::uint8_t id_of_bme280 = 0x60;
constexpr std::uint8_t id_of_bmp280 = 0x58;
constexpr std::uint8_t oversampling_x1 = 0x24; // of temperature and pressure
constexpr std::uint8_t humidity_oversampling_x1 = 0x01;
constexpr std::uint8_t forced_mode = 0x01; // back to 0 when it is done
constexpr std::uint8_t no_filter = 0x00;
constexpr std::uint8_t busy = 0x09; // measuring, or copying its calibration
constexpr std::chrono::microseconds measuring_time{1250 + 2300 + (2300 + 575) + (2300 + 575)};
constexpr std::chrono::milliseconds longest_wait{100};

struct calibration {
    bool has_humidity;
    std::array<std::uint8_t, 26> of_all;
    std::array<std::uint8_t, 7> of_humidity;
};

using raw_values = std::array<std::uint8_t, 8>;

struct measurement {
    double celsius;
    double pascals;
    std::optional<double> relative_humidity; // percent
};

calibration read_calibration(i2c_device& sensor)
{
    const auto id = sensor.read<std::uint8_t>(id_register);
    if (id != id_of_bme280 && id != id_of_bmp280)
        throw std::runtime_error{"no BME280 found: another device answers at address " +
                                 address_text(sensor.address().value())};
    calibration known{.has_humidity = id == id_of_bme280, .of_all = {}, .of_humidity = {}};
    sensor.read_burst(calibration_register, known.of_all);
    if (known.has_humidity)
        sensor.read_burst(humidity_calibration_register, known.of_humidity);
    return known;
}

void start(i2c_device& sensor, bool has_humidity)
{
    sensor.write<std::uint8_t>(config_register, no_filter);
    if (has_humidity) // in effect with the next write to control
        sensor.write<std::uint8_t>(humidity_control_register, humidity_oversampling_x1);
    sensor.write<std::uint8_t>(control_register, oversampling_x1 | forced_mode);
}

void wait_for_end(i2c_device& sensor)
{
    const auto give_up = std::chrono::steady_clock::now() + longest_wait;
    std::this_thread::sleep_for(measuring_time);
    for (;;) {
        std::array<std::uint8_t, 2> status_and_control{};
        sensor.read_burst(status_register, status_and_control);
        // The control register shows whether it was our measurement that ended.
        if ((status_and_control[0] & busy) == 0 && status_and_control[1] == oversampling_x1)
            return;
        if (std::chrono::steady_clock::now() > give_up)
            throw std::runtime_error{
                "the sensor does not do our measurement; who else uses it without a session?"};
        std::this_thread::sleep_for(std::chrono::microseconds{500});
    }
}

/// `known` is read at the first time and kept: it is what the factory wrote.
raw_values ask_sensor(i2c_bus& bus, int address, std::optional<calibration>& known)
{
    i2c_device sensor{bus, address};
    return bus.in_session({.lock_info = "bme280"}, [&](auto&) {
        if (!known)
            known = read_calibration(sensor);
        start(sensor, known->has_humidity);
        wait_for_end(sensor);
        raw_values raw{}; // in one burst, so that all are of one measurement
        sensor.read_burst(data_register, std::span{raw}.first(known->has_humidity ? 8 : 6));
        return raw;
    });
}

/// The two bytes at `at`, low byte first.
std::uint16_t unsigned_word(std::span<const std::uint8_t> bytes, std::size_t at)
{
    return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}
double signed_word(std::span<const std::uint8_t> bytes, std::size_t at)
{
    return static_cast<std::int16_t>(unsigned_word(bytes, at));
}
double twenty_bits(std::span<const std::uint8_t> bytes)
{
    return bytes[0] << 12 | bytes[1] << 4 | bytes[2] >> 4;
}

// The names in the formulas are the datasheet's: t1 is dig_T1.

/// The temperature in 1/5120 degree C.
double fine_temperature(std::span<const std::uint8_t> known, double raw)
{
    const double t1 = unsigned_word(known, 0);
    const double t2 = signed_word(known, 2);
    const double t3 = signed_word(known, 4);
    const double from_t1 = raw / 131072 - t1 / 8192;
    return (raw / 16384 - t1 / 1024) * t2 + from_t1 * from_t1 * t3;
}

double pressure_in_pascals(std::span<const std::uint8_t> known, double raw, double t_fine)
{
    const double p1 = unsigned_word(known, 6);
    const auto p = [known](std::size_t number) { return signed_word(known, 4 + 2 * number); };
    const double t = t_fine / 2 - 64000;
    const double offset = (t * t * p(6) / 32768 + t * p(5) * 2) / 4 + p(4) * 65536;
    const double slope = (1 + (p(3) * t * t / 524288 + p(2) * t) / 524288 / 32768) * p1;
    if (slope == 0)
        throw std::runtime_error{"the sensor's calibration is empty; is it one that Bosch made?"};
    const double linear = (1048576 - raw - offset / 4096) * 6250 / slope;
    return linear + (p(9) * linear * linear / 2147483648 + linear * p(8) / 32768 + p(7)) / 16;
}

double humidity_in_percent(const calibration& known, double raw, double t_fine)
{
    const auto& bytes = known.of_humidity;
    const double h1 = known.of_all[25];
    const double h2 = signed_word(bytes, 0);
    const double h3 = bytes[2];
    const double h4 = static_cast<std::int8_t>(bytes[3]) * 16 + (bytes[4] & 0x0f);
    const double h5 = static_cast<std::int8_t>(bytes[5]) * 16 + (bytes[4] >> 4);
    const double h6 = static_cast<std::int8_t>(bytes[6]);
    const double t = t_fine - 76800;
    const double humidity =
        (raw - (h4 * 64 + h5 / 16384 * t)) * (h2 / 65536 * (1 + h6 / 67108864 * t * (1 + h3 / 67108864 * t)));
    return std::clamp(humidity * (1 - h1 * humidity / 524288), 0.0, 100.0);
}

measurement compensate(const calibration& known, const raw_values& raw)
{
    const std::span bytes{raw};
    const double t_fine = fine_temperature(known.of_all, twenty_bits(bytes.subspan(3)));
    measurement now{.celsius = t_fine / 5120,
                    .pascals = pressure_in_pascals(known.of_all, twenty_bits(bytes), t_fine),
                    .relative_humidity = {}};
    if (known.has_humidity)
        now.relative_humidity = humidity_in_percent(known, raw[6] << 8 | raw[7], t_fine);
    return now;
}

void print(const measurement& now)
{
    std::printf("%.2f C, %.2f hPa", now.celsius, now.pascals / 100);
    if (now.relative_humidity)
        std::printf(", %.2f %%RH", *now.relative_humidity);
    std::printf("\n");
}

reading_fields fields_of(const measurement& now)
{
    reading_fields values{{"temperature_c", now.celsius}, {"pressure_pa", now.pascals}};
    if (now.relative_humidity)
        values.emplace_back("relative_humidity_percent", *now.relative_humidity);
    return values;
}

} // namespace

int main(int argc, char** argv)
{
    int address = lowest_address;
    std::optional<calibration> known;
    const sensor_program<measurement> program{
        .name = "bme280",
        .about = "Measures temperature, pressure and humidity with a BME280 (no humidity with a BMP280).",
        .device = "BME280",
        .measure =
            [&](i2c_bus& bus) {
                const auto raw = ask_sensor(bus, address, known);
                return compensate(*known, raw);
            },
        .print = print,
        .fields = fields_of,
        .add_options =
            [&](CLI::App& app) { add_address_option(app, address, lowest_address, highest_address); }};
    return program.run(argc, argv);
}
