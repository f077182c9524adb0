// The bus on a real kernel. The devices are those of the emulated board (tests/kernel/board.sh): a TMP105 and
// an AT24C256.

#include <resourcelock/i2c_bus.hpp>

#include "child.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using namespace std::chrono_literals;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;

namespace {

constexpr auto bus_name = "/dev/i2c-1";
constexpr int absent = 0x33;
constexpr int eeprom = 0x50;

// TMP105 (TI, SBOS303), section "Pointer register". Registers are big-endian words.
constexpr int tmp105 = 0x48;
constexpr std::uint8_t temperature_register = 0;
constexpr std::uint8_t low_limit_register = 2;
constexpr std::uint8_t high_limit_register = 3;

std::uint16_t big_endian(std::span<const std::uint8_t, 2> bytes)
{
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

// Reads a register in two transactions, as devices need that convert or erase in between: whoever moves the
// pointer in the gap makes us read another register.
template <class Bus>
std::uint16_t read_slowly(Bus& bus, std::uint8_t reg)
{
    std::array<std::uint8_t, 2> value{};
    bus.write(tmp105, {reg});
    std::this_thread::sleep_for(1ms);
    bus.read(tmp105, value);
    return big_endian(value);
}

// Reads one register again and again, with a session or without, and says how often the value was another
// register's.
int read_repeatedly(const std::vector<std::string>& args)
{
    const auto reg = static_cast<std::uint8_t>(std::stoi(args.at(0)));
    const auto expected = std::stoi(args.at(1));
    const bool in_session = args.at(2) == "session";
    i2c_bus bus{bus_name, {.timeout = 10s}};
    int mismatches = 0;
    test::say("ready");
    test::hear();
    for (int i = 0; i < 100; ++i) {
        int value = 0;
        if (in_session) {
            auto session = bus.session({.timeout = 10s});
            value = read_slowly(session, reg);
        } else {
            value = read_slowly(bus, reg);
        }
        mismatches += value != expected;
    }
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

class i2c_bus_on_a_kernel : public testing::Test {
protected:
    void SetUp() override
    {
        if (std::getenv("RESOURCELOCK_KERNEL_LAB") == nullptr)
            GTEST_SKIP() << "writes to devices of the emulated board: run it with tests/kernel/run";
    }

    // Two processes, each reading its own register; returns how many values were the other's.
    static int contend(const std::string& manner)
    {
        {
            i2c_bus bus{bus_name};
            bus.write(tmp105, {low_limit_register, 0x11, 0x10});
            bus.write(tmp105, {high_limit_register, 0x22, 0x20});
        }
        auto low = test::child::in_role("reader",
                                        {std::to_string(low_limit_register), std::to_string(0x1110), manner});
        auto high = test::child::in_role(
            "reader", {std::to_string(high_limit_register), std::to_string(0x2220), manner});
        EXPECT_EQ(low.line(), "ready");
        EXPECT_EQ(high.line(), "ready");
        low.tell("go");
        high.tell("go");
        return std::stoi(low.line().value()) + std::stoi(high.line().value());
    }
};

} // namespace

TEST_F(i2c_bus_on_a_kernel, an_absent_address_is_no_acknowledge)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2> into{};
    std::error_code error;

    bus.write(absent, {0x00}, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    bus.read(absent, into, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    bus.write_read(absent, {0x00}, into, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    EXPECT_EQ(error.value(), EREMOTEIO); // the errno of i2c-bcm2835, kept
    std::ignore = bus.read_byte_data(absent, 0, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
}

TEST_F(i2c_bus_on_a_kernel, an_eeprom_gives_back_what_was_written)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2 + 32> page{0x01, 0x40}; // the address inside the chip first
    std::iota(page.begin() + 2, page.end(), std::uint8_t{0xa0});
    std::array<std::uint8_t, 32> back{};

    bus.write(eeprom, page);
    bus.write_read(eeprom, {0x01, 0x40}, back);

    EXPECT_TRUE(std::equal(back.begin(), back.end(), page.begin() + 2));
}

TEST_F(i2c_bus_on_a_kernel, a_word_comes_low_byte_first)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});

    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x3012);
}

TEST_F(i2c_bus_on_a_kernel, smbus_calls_come_as_the_specification_says)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});

    bus.write_byte(tmp105, high_limit_register); // the pointer
    EXPECT_EQ(bus.read_byte(tmp105), 0x12);
    std::array<std::uint8_t, 2> block{};
    bus.read_i2c_block_data(tmp105, high_limit_register, block);
    EXPECT_EQ(block, (std::array<std::uint8_t, 2>{0x12, 0x30}));
    bus.write_i2c_block_data(tmp105, high_limit_register, std::array<std::uint8_t, 2>{0x14, 0x50});
    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x5014);
    EXPECT_EQ(bus.process_call(tmp105, high_limit_register, 0x2013), 0x2013);
}

TEST_F(i2c_bus_on_a_kernel, a_device_without_packet_error_codes_is_corrupt_when_asked_for_them)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});
    std::error_code error;

    std::ignore =
        bus.read_word_data(resourcelock::i2c_address{tmp105}.with_pec(), high_limit_register, error);
    EXPECT_EQ(error, i2c_errc::corrupt) << error;
    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x3012) << "and is not, when not";
}

TEST_F(i2c_bus_on_a_kernel, a_block_whose_length_the_device_tells_is_not_supported_by_the_pi)
{
    i2c_bus bus{bus_name};
    std::error_code error;
    std::array<std::uint8_t, 32> into{};

    std::ignore = bus.read_block_data(tmp105, high_limit_register, into, error);
    EXPECT_EQ(error, i2c_errc::not_supported) << error;
    std::ignore =
        bus.block_process_call(tmp105, high_limit_register, std::array<std::uint8_t, 1>{1}, into, error);
    EXPECT_EQ(error, i2c_errc::not_supported) << error;
}

TEST_F(i2c_bus_on_a_kernel, the_pi_refuses_a_second_read_in_one_transfer)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2> one{};
    std::array<std::uint8_t, 2> two{};
    std::error_code error;

    bus.transfer({i2c_message::read(tmp105, one), i2c_message::read(tmp105, two)}, error);

    EXPECT_EQ(error, i2c_errc::not_supported) << error;
}

TEST_F(i2c_bus_on_a_kernel, an_address_of_a_kernel_driver_is_left_alone_unless_forced)
{
    const std::string adapter = "/sys/bus/i2c/devices/i2c-1/";
    std::ofstream{adapter + "new_device"} << "tmp105 " << tmp105;
    ASSERT_TRUE(std::filesystem::exists("/sys/bus/i2c/devices/1-0048/driver"));
    std::array<std::uint8_t, 2> into{};
    std::error_code unasked;
    std::error_code forced;

    i2c_bus{bus_name}.read(tmp105, into, unasked);
    i2c_bus{bus_name, {.force = true}}.read(tmp105, into, forced);
    std::ofstream{adapter + "delete_device"} << tmp105;

    EXPECT_EQ(unasked, i2c_errc::address_in_use) << unasked;
    EXPECT_FALSE(forced) << forced;
}

TEST_F(i2c_bus_on_a_kernel, whoever_may_use_the_bus_may_use_its_lock)
{
    // as udev leaves the node on Raspberry Pi OS: root:i2c 0660
    constexpr gid_t i2c_group = 998;
    ASSERT_EQ(chown(bus_name, 0, i2c_group), 0);
    ASSERT_EQ(chmod(bus_name, 0660), 0);
    unlink("/dev/shm/i2c-1");
    unlink("/dev/shm/sem.i2c-1");

    i2c_bus bus{"1"};
    bus.write(tmp105, {temperature_register});

    EXPECT_EQ(bus.lock_name(), "i2c-1");
    for (const auto* file : {"/dev/shm/i2c-1", "/dev/shm/sem.i2c-1"}) {
        struct stat facts {};
        ASSERT_EQ(stat(file, &facts), 0) << file;
        EXPECT_EQ(facts.st_mode & 0777, 0660U) << file;
        EXPECT_EQ(facts.st_gid, i2c_group) << file;
    }
}

TEST_F(i2c_bus_on_a_kernel, two_processes_disturb_each_other_without_sessions)
{
    EXPECT_GT(contend("no session"), 0);
}

TEST_F(i2c_bus_on_a_kernel, two_processes_with_sessions_never_read_the_other_s_value)
{
    EXPECT_EQ(contend("session"), 0);
}

TEST_F(i2c_bus_on_a_kernel, a_process_killed_in_its_session_frees_the_bus)
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

TEST_F(i2c_bus_on_a_kernel, processes_killed_at_any_moment_leave_a_working_bus)
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
