// Several processes on one bus, with sequences of several transactions.
#include "board.hpp"
#include "child.hpp"
#include "figure.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;

namespace {

// Sequences that another program's step in between turns wrong, as devices have them that convert or erase in
// between. Each has a value for the first reader and another for the second.
struct sequence {
    const char* device;
    std::array<std::uint16_t, 2> values;
    void (*store)(resourcelock::i2c_transactions& bus, int which, std::uint16_t value);
    std::uint16_t (*read)(resourcelock::i2c_transactions& bus, int which);
};

std::uint8_t high(std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); }
std::uint8_t low(std::uint16_t value) { return static_cast<std::uint8_t>(value & 0xff); }

// Moves the pointer, waits, reads: whoever moves the pointer meanwhile makes us read another register.
std::uint16_t read_slowly(resourcelock::i2c_transactions& bus, std::uint8_t reg)
{
    bus.write(tmp105, {reg});
    std::this_thread::sleep_for(1ms);
    return read_word(bus, tmp105);
}

const std::array<sequence, 4> sequences{
    sequence{.device = "tmp105",
             .values = {0x1110, 0x2220},
             .store =
                 [](resourcelock::i2c_transactions& bus, int which, std::uint16_t value) {
                     bus.write(tmp105, {static_cast<std::uint8_t>(low_limit_register + which), high(value),
                                        low(value)});
                 },
             .read =
                 [](resourcelock::i2c_transactions& bus, int which) {
                     return read_slowly(bus, static_cast<std::uint8_t>(low_limit_register + which));
                 }},
    sequence{.device = "eeprom",
             .values = {0x1357, 0x2468},
             .store =
                 [](resourcelock::i2c_transactions& bus, int which, std::uint16_t value) {
                     bus.write(eeprom, {static_cast<std::uint8_t>(which), 0, high(value), low(value)});
                 },
             .read =
                 [](resourcelock::i2c_transactions& bus, int which) {
                     bus.write(eeprom, {static_cast<std::uint8_t>(which), 0});
                     std::this_thread::sleep_for(1ms);
                     return read_word(bus, eeprom);
                 }},
    sequence{
        .device = "ds1338",
        .values = {0xa1b2, 0xc3d4},
        .store =
            [](resourcelock::i2c_transactions& bus, int which, std::uint16_t value) {
                bus.write(clock_chip, {static_cast<std::uint8_t>(0x08 + 2 * which), high(value), low(value)});
            },
        .read =
            [](resourcelock::i2c_transactions& bus, int which) {
                bus.write(clock_chip, {static_cast<std::uint8_t>(0x08 + 2 * which)});
                std::this_thread::sleep_for(1ms);
                return read_word(bus, clock_chip);
            }},
    sequence{.device = "pca9548",
             .values = {0x1110, 0x2220},
             .store =
                 [](resourcelock::i2c_transactions& bus, int which, std::uint16_t value) {
                     bus.write_byte(multiplexer, static_cast<std::uint8_t>(1 << which));
                     bus.write(behind_multiplexer, {low_limit_register, high(value), low(value)});
                 },
             .read =
                 [](resourcelock::i2c_transactions& bus, int which) {
                     bus.write_byte(multiplexer, static_cast<std::uint8_t>(1 << which));
                     std::this_thread::sleep_for(1ms);
                     std::array<std::uint8_t, 2> value{};
                     bus.write_read(behind_multiplexer, {low_limit_register}, value);
                     return big_endian(value);
                 }},
};

// Runs a sequence again and again, in sessions or without: so many times, or for so many milliseconds ("50",
// "10000ms"). Says how many readings it made, and how many were the other reader's value.
int read_repeatedly(const std::vector<std::string>& args)
{
    const auto& device = sequences.at(std::stoul(args.at(0)));
    const int which = std::stoi(args.at(1));
    const bool in_session = args.at(2) == "session";
    const bool for_a_time = args.at(3).ends_with("ms");
    const int limit = std::stoi(args.at(3));
    i2c_bus bus{bus_name, {.timeout = 10s}};
    int readings = 0;
    int mismatches = 0;
    test::say("ready");
    test::hear();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{limit};
    for (; for_a_time ? std::chrono::steady_clock::now() < end : readings < limit; ++readings) {
        std::uint16_t value = 0;
        if (in_session) {
            auto session = bus.session({.timeout = 10s});
            value = device.read(session, which);
        } else {
            value = device.read(bus, which);
        }
        mismatches += value != device.values.at(static_cast<std::size_t>(which));
    }
    test::say(std::to_string(readings));
    test::say(std::to_string(mismatches));
    return 0;
}
const test::role reader{"reader", read_repeatedly};

int hold_a_session(const std::vector<std::string>&)
{
    i2c_bus bus{bus_name};
    auto session = bus.session();
    session.write(tmp105, {temperature_register});
    test::say("in the session");
    test::hear();
    return 0;
}
const test::role holder{"holder", hold_a_session};

int use_the_bus_for_ever(const std::vector<std::string>&)
{
    i2c_bus bus{bus_name};
    test::say("ready");
    for (;;) {
        auto session = bus.session();
        read_slowly(session, low_limit_register);
    }
}
const test::role busy{"busy", use_the_bus_for_ever};
class contention : public board::fixture {
protected:
    struct outcome {
        int fewest = 0; // readings of the process that made the fewest
        int most = 0;
        int mismatches = 0;
    };

    // Two processes for each of these devices, all at once, each with a value of its own to read.
    static outcome contend(const std::vector<std::size_t>& devices, const std::string& manner,
                           const std::string& limit)
    {
        i2c_bus bus{bus_name};
        std::vector<test::child> readers;
        for (const auto device : devices) {
            for (const int which : {0, 1}) {
                const auto& kind = sequences.at(device);
                kind.store(bus, which, kind.values.at(static_cast<std::size_t>(which)));
                readers.push_back(test::child::in_role(
                    "reader", {std::to_string(device), std::to_string(which), manner, limit}));
            }
        }
        for (auto& other : readers)
            EXPECT_EQ(other.line(), "ready");
        for (auto& other : readers)
            other.tell("go");
        outcome all{.fewest = std::numeric_limits<int>::max()};
        for (auto& other : readers) {
            const auto readings = other.line();
            const auto mismatches = other.line();
            if (!readings || !mismatches || other.wait() != 0)
                throw std::runtime_error{"a reader did not get to its end"};
            all.fewest = std::min(all.fewest, std::stoi(*readings));
            all.most = std::max(all.most, std::stoi(*readings));
            all.mismatches += std::stoi(*mismatches);
        }
        return all;
    }
};

} // namespace

TEST_F(contention, two_processes_disturb_each_other_without_sessions)
{
    for (std::size_t device = 0; device < sequences.size(); ++device)
        EXPECT_GT(contend({device}, "no session", "50").mismatches, 0) << sequences.at(device).device;
}

TEST_F(contention, two_processes_with_sessions_never_read_the_other_s_value)
{
    for (std::size_t device = 0; device < sequences.size(); ++device)
        EXPECT_EQ(contend({device}, "session", "50").mismatches, 0) << sequences.at(device).device;
}

TEST_F(contention, two_or_four_processes_for_10_s_never_read_another_s_value)
{
    for (const auto& devices : {std::vector<std::size_t>{0}, {0, 1}}) {
        const auto found = contend(devices, "session", "10000ms");
        EXPECT_EQ(found.mismatches, 0);
        EXPECT_GT(found.fewest, 5) << "and everybody has a turn, on a busy host too";
        test::figure() << 2 * devices.size() << " processes: " << found.fewest << " to " << found.most
                       << " readings each\n";
    }
}

TEST_F(contention, a_process_killed_in_its_session_frees_the_bus)
{
    auto other = test::child::in_role("holder");
    ASSERT_EQ(other.line(), "in the session");
    i2c_bus bus{bus_name};
    std::error_code error;
    EXPECT_FALSE(bus.session({.timeout = 50ms}, error));
    EXPECT_EQ(error, i2c_errc::lock_timeout) << error;

    other.kill();

    auto session = bus.session({.timeout = 1s}, error);
    ASSERT_FALSE(error) << error;
    EXPECT_NO_THROW(read_slowly(session, temperature_register));
}

TEST_F(contention, processes_killed_at_any_moment_leave_a_working_bus)
{
    i2c_bus bus{bus_name};
    for (int i = 0; i < 20; ++i) {
        auto other = test::child::in_role("busy");
        ASSERT_EQ(other.line(), "ready");
        std::this_thread::sleep_for(std::chrono::milliseconds{i});
        other.kill();

        std::error_code error;
        auto session = bus.session({.timeout = 2s}, error);
        ASSERT_FALSE(error) << "after kill " << i << ": " << error;
        EXPECT_NO_THROW(read_slowly(session, temperature_register)) << "after kill " << i;
    }
}
