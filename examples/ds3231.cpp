// Reads the time and the temperature of a DS3231, or sets it from the system's clock. Reading is one
// transaction, during which the chip keeps the time from changing, and needs no session. Setting it is one
// for the time and two that change a single bit of a register in which other programs have theirs. Source:
// Maxim, datasheet DS3231 (19-5170), "Clock and Calendar", "Status Register (0Fh)", "Temperature Registers
// (11h-12h)" and "I2C Serial Data Bus".
#include "sensor_program.hpp"

#include <resourcelock/i2c_device.hpp>

#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <thread>

namespace {

using resourcelock::i2c_bus;
using resourcelock::i2c_device;
using std::chrono::sys_seconds;
using std::chrono::system_clock;

constexpr int address = 0x68;
constexpr int time_register = 0x00; // seconds, minutes, hours, day of the week, date, month, year
constexpr std::size_t status_register = 0x0f;
constexpr std::size_t temperature_register = 0x11;
constexpr std::uint8_t has_stopped = 0x80;  // OSF: since somebody cleared it
constexpr std::uint8_t alarm_flags = 0x03;  // writing 1 leaves them as they are
constexpr std::uint8_t twelve_hours = 0x40; // instead of 24
constexpr std::uint8_t afternoon = 0x20;
constexpr std::uint8_t next_century = 0x80;

using registers = std::array<std::uint8_t, 0x13>;
using time_registers = std::array<std::uint8_t, 7>;

struct reading {
    sys_seconds time;
    bool had_stopped;
    double celsius;
};

registers read_all(i2c_bus& bus)
{
    registers bytes{};
    i2c_device{bus, address}.read_burst(time_register, bytes);
    return bytes;
}

int from_bcd(int value)
{
    if (value % 16 > 9 || value / 16 > 9)
        throw std::runtime_error{"what answers has no date and time; is it a DS3231?"};
    return value / 16 * 10 + value % 16;
}

std::uint8_t to_bcd(unsigned value) { return static_cast<std::uint8_t>(value / 10 << 4 | value % 10); }

int hour_of(std::uint8_t value)
{
    if ((value & twelve_hours) == 0)
        return from_bcd(value & 0x3f);
    return from_bcd(value & 0x1f) % 12 + ((value & afternoon) != 0 ? 12 : 0);
}

/// Anything that is no time throws: an MPU6050 likes to sit at the same address.
sys_seconds decode_time(const registers& bytes)
{
    using namespace std::chrono;
    const int year_number = 2000 + ((bytes[5] & next_century) != 0 ? 100 : 0) + from_bcd(bytes[6]);
    const auto month_number = static_cast<unsigned>(from_bcd(bytes[5] & 0x7f));
    const auto day_number = static_cast<unsigned>(from_bcd(bytes[4]));
    const year_month_day date{year{year_number}, month{month_number}, day{day_number}};
    const hours hour{hour_of(bytes[2])};
    const minutes minute{from_bcd(bytes[1])};
    const seconds second{from_bcd(bytes[0])};
    if (!date.ok() || hour > 23h || minute > 59min || second > 59s)
        throw std::runtime_error{"what answers has no date and time; is it a DS3231?"};
    return sys_days{date} + hour + minute + second;
}

time_registers encode_time(sys_seconds time)
{
    using namespace std::chrono;
    const auto day_start = floor<days>(time);
    const year_month_day date{day_start};
    const hh_mm_ss clock{time - day_start};
    const int year_number = static_cast<int>(date.year());
    if (year_number < 2000 || year_number > 2199)
        throw std::runtime_error{"the system's clock is wrong: the DS3231 knows the years 2000 to 2199"};
    const auto century = year_number >= 2100 ? next_century : std::uint8_t{0};
    return {to_bcd(static_cast<unsigned>(clock.seconds().count())),
            to_bcd(static_cast<unsigned>(clock.minutes().count())),
            to_bcd(static_cast<unsigned>(clock.hours().count())),
            to_bcd(weekday{day_start}.iso_encoding()),
            to_bcd(static_cast<unsigned>(date.day())),
            static_cast<std::uint8_t>(to_bcd(static_cast<unsigned>(date.month())) | century),
            to_bcd(static_cast<unsigned>(year_number % 100))};
}

/// The chip begins a second when its seconds are written, so we wait for one to begin, without the bus. The
/// chip will be behind by as long as we have to wait for that then.
void set_from_system(i2c_bus& bus)
{
    std::this_thread::sleep_until(std::chrono::ceil<std::chrono::seconds>(system_clock::now()));
    i2c_device clock{bus, address};
    bus.in_session({.lock_info = "ds3231: set"}, [&](auto&) {
        const auto now = std::chrono::floor<std::chrono::seconds>(system_clock::now());
        clock.write_burst(time_register, encode_time(now));
        clock.update_bits<std::uint8_t>(status_register, has_stopped | alarm_flags, alarm_flags);
    });
}

/// Two's complement, 1/4 degree C a bit, left-justified.
double decode_celsius(std::uint8_t high, std::uint8_t low)
{
    return static_cast<std::int16_t>(high << 8 | low) / 256.0;
}

reading decode(const registers& bytes)
{
    return {.time = decode_time(bytes),
            .had_stopped = (bytes[status_register] & has_stopped) != 0,
            .celsius = decode_celsius(bytes[temperature_register], bytes[temperature_register + 1])};
}

std::string to_text(sys_seconds time)
{
    const auto in_seconds = system_clock::to_time_t(time);
    std::tm utc{};
    gmtime_r(&in_seconds, &utc);
    char text[32]{};
    std::strftime(text, sizeof text, "%FT%TZ", &utc);
    return text;
}

void print(const reading& now)
{
    std::printf("%s, %.2f C%s\n", to_text(now.time).c_str(), now.celsius,
                now.had_stopped ? ", the clock had stopped: set it (--set-from-system)" : "");
}

reading_fields fields_of(const reading& now)
{
    return {{"clock_time", to_text(now.time)},
            {"clock_had_stopped", now.had_stopped},
            {"temperature_c", now.celsius}};
}

} // namespace

int main(int argc, char** argv)
{
    bool set = false;
    const sensor_program<reading> program{.name = "ds3231",
                                          .about = "Reads the time (UTC) and the temperature of a DS3231.",
                                          .device = "DS3231",
                                          .measure =
                                              [&](i2c_bus& bus) {
                                                  if (set)
                                                      set_from_system(bus);
                                                  set = false;
                                                  return decode(read_all(bus));
                                              },
                                          .print = print,
                                          .fields = fields_of,
                                          .add_options =
                                              [&](CLI::App& app) {
                                                  app.add_flag("--set-from-system", set,
                                                               "first set it to the system's time, in UTC");
                                              }};
    return program.run(argc, argv);
}
