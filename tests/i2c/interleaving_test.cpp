// Several processes run a device's sequence on one simulated bus, as fast as they can. With the bus's lock
// nobody's transaction comes between another's steps and every reading is right; each with a lock of its own,
// which is as good as none, and the same sequences are wrong. The table in docs/interleaving.md is this
// test's.
#include "child.hpp"
#include "devices.hpp"
#include "figure.hpp"
#include "length.hpp"
#include "sim_name.hpp"
#include "together.hpp"

#include <resourcelock/i2c_device.hpp>
#include <resourcelock/i2c_mux.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using namespace test;
using resourcelock::i2c_attempts;
using resourcelock::i2c_bus;
using resourcelock::i2c_device;
using resourcelock::i2c_mux;
using resourcelock::i2c_retry;
using resourcelock::i2c_session;
using resourcelock::sim_control;

constexpr int processes = 3;
constexpr int bme280 = 0x76;
constexpr int ds3231 = 0x68;
constexpr int tmp105 = 0x49;
constexpr int behind_the_mux = 0x4a;

/// A device's sequence, done once by process 0, 1 or 2, which each ask for something else of it. Returns
/// whether the reading was right; errors of the device are thrown.
struct sequence {
    const char* device;
    const char* steps;
    bool (*run)(i2c_bus& bus, unsigned process);
};

bool measure_voltage(i2c_bus& bus, unsigned process)
{
    auto session = bus.session({.timeout = 20s});
    return measure(session, process) == channel_codes.at(process);
}

bool measure_humidity(i2c_bus& bus, unsigned process)
{
    // Other repeatabilities take other times; whoever starts meanwhile makes ours start anew.
    constexpr std::array<std::uint8_t, 3> repeatability{0x16, 0x0b, 0x00};
    constexpr std::array waits{4ms, 6ms, 15ms};
    auto session = bus.session({.timeout = 20s});
    session.write(sht31, {0x24, repeatability.at(process)});
    std::this_thread::sleep_for(waits.at(process));
    const auto reading = read_bytes(session, sht31, 6);
    return reading[0] == 0x66 && reading[1] == 0x66; // 25 degrees C
}

bool measure_air(i2c_bus& bus, unsigned process)
{
    // Oversampling x1, x2 and x4 of temperature and pressure: it shows in the last bits of the pressure.
    constexpr std::array<std::uint8_t, 3> control{0x25, 0x49, 0x6d};
    constexpr std::array<std::uint8_t, 3> last_bits{0x00, 0x80, 0xc0};
    auto session = bus.session({.timeout = 20s});
    session.write(bme280, {0xf2, 0x01, 0xf4, control.at(process)});
    do
        std::this_thread::sleep_for(1ms);
    while ((session.read_byte_data(bme280, 0xf3) & 0x08) != 0);
    std::array<std::uint8_t, 8> data{};
    session.write_read(bme280, {0xf7}, data);
    return data[0] == 0x4a && data[1] == 0x52 && data[2] == last_bits.at(process);
}

bool store_page(i2c_bus& bus, unsigned process)
{
    const auto position = static_cast<std::uint8_t>(32 * process);
    const bytes page(4, static_cast<std::uint8_t>(0xa0 + process));
    auto session = bus.session({.timeout = 20s});
    session.write(at24c32, at_position(position, page));
    i2c_attempts attempts{i2c_retry::while_busy(1s)};
    std::error_code busy;
    do
        session.write(at24c32, {0, position}, busy);
    while (attempts.again(busy));
    return !busy && read_bytes(session, at24c32, page.size()) == page;
}

bool change_a_bit(i2c_bus& bus, unsigned process)
{
    // Each process has a bit of an alarm's register, and sees whether the last change of its own is still
    // there.
    static bool is_set = false;
    const auto mask = static_cast<std::uint8_t>(1U << process);
    auto session = bus.session({.timeout = 20s});
    const auto before = session.read_byte_data(ds3231, 0x08);
    std::this_thread::sleep_for(500us);
    session.write_byte_data(ds3231, 0x08, before ^ mask);
    const bool was_kept = ((before & mask) != 0) == is_set;
    is_set = (before & mask) == 0;
    return was_kept;
}

bool read_by_pointer(i2c_bus& bus, unsigned process)
{
    // Temperature, lower and upper limit as they are at power-on.
    constexpr std::array<std::uint8_t, 3> registers{0, 2, 3};
    constexpr std::array<std::array<std::uint8_t, 2>, 3> values{{{0x15, 0x80}, {0x4b, 0x00}, {0x50, 0x00}}};
    auto session = bus.session({.timeout = 20s});
    session.write(tmp105, {registers.at(process)});
    std::this_thread::sleep_for(500us);
    return std::ranges::equal(read_bytes(session, tmp105, 2), values.at(process));
}

bool read_behind_the_mux(i2c_bus& bus, unsigned process)
{
    const int channel = static_cast<int>(process % 2);
    i2c_mux mux{bus};
    return mux.on_channel(channel,
                          [channel](i2c_session& session) {
                              std::this_thread::sleep_for(500us);
                              std::array<std::uint8_t, 2> celsius{};
                              session.write_read(behind_the_mux, {0}, celsius);
                              return celsius[0] == (channel == 0 ? 20 : 30);
                          },
                          {.timeout = 20s});
}

const std::array sequences{
    sequence{"ADS1115", "start, wait 1.2 ms, read the result", measure_voltage},
    sequence{"SHT31", "command, wait 4 to 15 ms, read", measure_humidity},
    sequence{"BME280", "set up and start, poll, read in a burst", measure_air},
    sequence{"AT24C32", "write a page, poll for its acknowledge, read from the pointer", store_page},
    sequence{"DS3231", "read a register, change a bit, write it", change_a_bit},
    sequence{"TMP105", "write the pointer, read", read_by_pointer},
    sequence{"TCA9548A", "select a channel, read behind it, switch back", read_behind_the_mux},
};

struct tally {
    int done = 0;
    int wrong = 0; // readings that were wrong or failed
};

/// Runs one device's sequence for a time, with the bus's lock or one of its own.
const role contend{"interleaving.contend", [](const std::vector<std::string>& args) {
                       const auto& device = sequences.at(std::stoul(args.at(1)));
                       const auto process = static_cast<unsigned>(std::stoul(args.at(2)));
                       const std::chrono::milliseconds time{std::stol(args.at(3))};
                       i2c_bus bus{args.at(0), {.timeout = 20s, .lock_name = args.at(4)}};
                       tally sum;
                       say("ready");
                       hear();
                       const auto end = std::chrono::steady_clock::now() + time;
                       while (std::chrono::steady_clock::now() < end) {
                           ++sum.done;
                           try {
                               sum.wrong += !device.run(bus, process);
                           } catch (const std::system_error&) {
                               ++sum.wrong;
                           }
                       }
                       say(std::to_string(sum.done) + " " + std::to_string(sum.wrong));
                       return 0;
                   }};

struct outcome {
    tally all;
    std::uint64_t foreign; // transactions inside somebody else's hold of the bus
};

enum class locks { one, each_its_own };

outcome run_beside_each_other(std::size_t device, std::chrono::milliseconds time, locks which)
{
    const sim_name sim;
    const sim_control control{sim.bus()};
    std::vector<std::string> own_locks;
    std::vector<std::vector<std::string>> arguments;
    for (int process = 0; process < processes; ++process) {
        own_locks.push_back(which == locks::one ? "" : sim.lock() + "-of-" + std::to_string(process));
        arguments.push_back({sim.bus(), std::to_string(device), std::to_string(process),
                             std::to_string(time.count()), own_locks.back()});
    }
    outcome result{};
    for (const auto& line : run_together("interleaving.contend", arguments, time + deadline)) {
        std::istringstream said{line};
        tally one{.done = 0, .wrong = 1}; // of one that says nothing
        said >> one.done >> one.wrong;
        result.all.done += one.done;
        result.all.wrong += one.wrong;
    }
    result.foreign = control.foreign_transactions();
    if (which == locks::each_its_own)
        for (const auto& lock : own_locks)
            for (const auto& file : {lock, "sem." + lock, lock + ".touched"})
                unlink(("/dev/shm/" + file).c_str());
    return result;
}

class interleaving : public testing::TestWithParam<std::size_t> {};

TEST_P(interleaving, is_right_with_the_bus_s_lock_and_wrong_without)
{
    const auto& device = sequences.at(GetParam());
    const auto with = run_beside_each_other(GetParam(), test::by_length(500ms, 5000ms, 60000ms), locks::one);
    EXPECT_EQ(with.foreign, 0U);
    EXPECT_EQ(with.all.wrong, 0);
    EXPECT_GT(with.all.done, processes);

    // One that finds nothing wrong where everything may go wrong would find nothing at all.
    const auto without = run_beside_each_other(GetParam(), 1000ms, locks::each_its_own);
    EXPECT_GT(without.foreign, 0U);
    EXPECT_GT(without.all.wrong, 0);

    figure() << "| " << device.device << " | " << device.steps << " | " << with.all.done << " | "
             << with.foreign << " | " << with.all.wrong << " | " << without.all.done << " | "
             << without.foreign << " | " << without.all.wrong << " |\n";
}

INSTANTIATE_TEST_SUITE_P(, interleaving, testing::Range(std::size_t{0}, sequences.size()),
                         [](const auto& instance) {
                             return std::string{sequences.at(instance.param).device};
                         });

} // namespace
