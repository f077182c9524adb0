// The bus on real kernels. Each board runs the suites that fit its adapter (tests/kernel/boards). The devices
// of those with an I2C controller are in tests/kernel/board.sh: a TMP105, an AT24C256, a DS1338, and a
// PCA9548 with a TMP105 behind each of its first two channels.

#include <resourcelock/i2c_bus.hpp>
#include <resourcelock/i2c_device.hpp>
#include <resourcelock/i2c_mux.hpp>

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

#include <linux/i2c.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace std::chrono_literals;
using resourcelock::i2c_bus;
using resourcelock::i2c_device;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;
using resourcelock::i2c_session;
using resourcelock::i2c_transactions;

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

constexpr int clock_chip = 0x68; // DS1338: 8 registers of time, then 56 bytes of memory
constexpr int multiplexer = 0x70;
constexpr int behind = 0x4a;

std::uint16_t read_word(i2c_transactions& bus, int address)
{
    std::array<std::uint8_t, 2> value{};
    bus.read(address, value);
    return big_endian(value);
}

// Sequences that another program's step in between turns wrong, as devices have them that convert or erase in
// between. Each has a value for the first reader and another for the second.
struct sequence {
    const char* device;
    std::array<std::uint16_t, 2> values;
    void (*store)(i2c_transactions& bus, int which, std::uint16_t value);
    std::uint16_t (*read)(i2c_transactions& bus, int which);
};

std::uint8_t high(std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); }
std::uint8_t low(std::uint16_t value) { return static_cast<std::uint8_t>(value & 0xff); }

// Moves the pointer, waits, reads: whoever moves the pointer meanwhile makes us read another register.
std::uint16_t read_slowly(i2c_transactions& bus, std::uint8_t reg)
{
    bus.write(tmp105, {reg});
    std::this_thread::sleep_for(1ms);
    return read_word(bus, tmp105);
}

const std::array<sequence, 4> sequences{
    sequence{.device = "tmp105",
             .values = {0x1110, 0x2220},
             .store =
                 [](i2c_transactions& bus, int which, std::uint16_t value) {
                     bus.write(tmp105, {static_cast<std::uint8_t>(low_limit_register + which), high(value),
                                        low(value)});
                 },
             .read =
                 [](i2c_transactions& bus, int which) {
                     return read_slowly(bus, static_cast<std::uint8_t>(low_limit_register + which));
                 }},
    sequence{.device = "eeprom",
             .values = {0x1357, 0x2468},
             .store =
                 [](i2c_transactions& bus, int which, std::uint16_t value) {
                     bus.write(eeprom, {static_cast<std::uint8_t>(which), 0, high(value), low(value)});
                 },
             .read =
                 [](i2c_transactions& bus, int which) {
                     bus.write(eeprom, {static_cast<std::uint8_t>(which), 0});
                     std::this_thread::sleep_for(1ms);
                     return read_word(bus, eeprom);
                 }},
    sequence{
        .device = "ds1338",
        .values = {0xa1b2, 0xc3d4},
        .store =
            [](i2c_transactions& bus, int which, std::uint16_t value) {
                bus.write(clock_chip, {static_cast<std::uint8_t>(0x08 + 2 * which), high(value), low(value)});
            },
        .read =
            [](i2c_transactions& bus, int which) {
                bus.write(clock_chip, {static_cast<std::uint8_t>(0x08 + 2 * which)});
                std::this_thread::sleep_for(1ms);
                return read_word(bus, clock_chip);
            }},
    sequence{.device = "pca9548",
             .values = {0x1110, 0x2220},
             .store =
                 [](i2c_transactions& bus, int which, std::uint16_t value) {
                     bus.write_byte(multiplexer, static_cast<std::uint8_t>(1 << which));
                     bus.write(behind, {low_limit_register, high(value), low(value)});
                 },
             .read =
                 [](i2c_transactions& bus, int which) {
                     bus.write_byte(multiplexer, static_cast<std::uint8_t>(1 << which));
                     std::this_thread::sleep_for(1ms);
                     std::array<std::uint8_t, 2> value{};
                     bus.write_read(behind, {low_limit_register}, value);
                     return big_endian(value);
                 }},
};

// Runs a sequence again and again, with a session or without, and says how often the value was the other
// reader's.
int read_repeatedly(const std::vector<std::string>& args)
{
    const auto& device = sequences.at(std::stoul(args.at(0)));
    const int which = std::stoi(args.at(1));
    const bool in_session = args.at(2) == "session";
    i2c_bus bus{bus_name, {.timeout = 10s}};
    int mismatches = 0;
    test::say("ready");
    test::hear();
    for (int i = 0; i < 100; ++i) {
        std::uint16_t value = 0;
        if (in_session) {
            auto session = bus.session({.timeout = 10s});
            value = device.read(session, which);
        } else {
            value = device.read(bus, which);
        }
        mismatches += value != device.values.at(static_cast<std::size_t>(which));
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

/// Name of the emulated board; "" elsewhere.
std::string board()
{
    const char* const name = std::getenv("RESOURCELOCK_KERNEL_LAB");
    return name == nullptr ? "" : name;
}

class on_a_board : public testing::Test {
protected:
    void SetUp() override
    {
        if (board().empty())
            GTEST_SKIP() << "writes to devices of an emulated board: run it with tests/kernel/run";
    }
};

class any_adapter : public on_a_board {
protected:
    // Two processes, each reading its own value of a device; returns how many were the other's.
    static int contend(std::size_t device, const std::string& manner)
    {
        {
            i2c_bus bus{bus_name};
            for (const int which : {0, 1})
                sequences.at(device).store(bus, which,
                                           sequences.at(device).values.at(static_cast<std::size_t>(which)));
        }
        auto first = test::child::in_role("reader", {std::to_string(device), "0", manner});
        auto second = test::child::in_role("reader", {std::to_string(device), "1", manner});
        EXPECT_EQ(first.line(), "ready");
        EXPECT_EQ(second.line(), "ready");
        first.tell("go");
        second.tell("go");
        return std::stoi(first.line().value()) + std::stoi(second.line().value());
    }
};

class pi3 : public on_a_board {};
class imx8mp : public on_a_board {};
class stuck_bus : public on_a_board {};
class smbus_only : public on_a_board {};

} // namespace

TEST_F(pi3, an_absent_address_is_no_acknowledge)
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

TEST_F(any_adapter, an_eeprom_gives_back_what_was_written)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2 + 32> page{0x01, 0x40}; // the address inside the chip first
    std::iota(page.begin() + 2, page.end(), std::uint8_t{0xa0});
    std::array<std::uint8_t, 32> back{};

    bus.write(eeprom, page);
    bus.write_read(eeprom, {0x01, 0x40}, back);

    EXPECT_TRUE(std::equal(back.begin(), back.end(), page.begin() + 2));
}

TEST_F(any_adapter, a_word_comes_low_byte_first)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});

    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x3012);
}

TEST_F(any_adapter, smbus_calls_come_as_the_specification_says)
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

TEST_F(any_adapter, a_device_without_packet_error_codes_is_corrupt_when_asked_for_them)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});
    std::error_code error;

    std::ignore =
        bus.read_word_data(resourcelock::i2c_address{tmp105}.with_pec(), high_limit_register, error);
    EXPECT_EQ(error, i2c_errc::corrupt) << error;
    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x3012) << "and is not, when not";
}

TEST_F(pi3, cannot_read_a_block_whose_length_the_device_tells)
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

TEST_F(pi3, refuses_a_second_read_in_one_transfer)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2> one{};
    std::array<std::uint8_t, 2> two{};
    std::error_code error;

    bus.transfer({i2c_message::read(tmp105, one), i2c_message::read(tmp105, two)}, error);

    EXPECT_EQ(error, i2c_errc::not_supported) << error;
}

TEST_F(any_adapter, an_address_of_a_kernel_driver_is_left_alone_unless_forced)
{
    const std::string adapter = "/sys/bus/i2c/devices/i2c-1/";
    std::ofstream{adapter + "new_device"} << "tmp105 " << tmp105;
    ASSERT_TRUE(std::filesystem::exists("/sys/bus/i2c/devices/1-0048/driver"));
    std::array<std::uint8_t, 2> into{};
    std::error_code unasked;
    std::error_code forced;

    const auto owner = i2c_bus{bus_name}.is_address_in_use(tmp105);
    const auto nobody = i2c_bus{bus_name}.is_address_in_use(eeprom);
    i2c_bus{bus_name}.read(tmp105, into, unasked);
    i2c_bus{bus_name, {.force = true}}.read(tmp105, into, forced);
    std::ofstream{adapter + "delete_device"} << tmp105;

    EXPECT_EQ(owner, "lm75");
    EXPECT_EQ(nobody, std::nullopt);
    EXPECT_EQ(unasked, i2c_errc::address_in_use) << unasked;
    EXPECT_FALSE(forced) << forced;
}

TEST_F(any_adapter, whoever_may_use_the_bus_may_use_its_lock)
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

TEST_F(any_adapter, two_processes_disturb_each_other_without_sessions)
{
    for (std::size_t device = 0; device < sequences.size(); ++device)
        EXPECT_GT(contend(device, "no session"), 0) << sequences.at(device).device;
}

TEST_F(any_adapter, two_processes_with_sessions_never_read_the_other_s_value)
{
    for (std::size_t device = 0; device < sequences.size(); ++device)
        EXPECT_EQ(contend(device, "session"), 0) << sequences.at(device).device;
}

TEST_F(any_adapter, a_multiplexer_is_switched_back)
{
    i2c_bus bus{bus_name};
    resourcelock::i2c_mux mux{bus};
    bus.write_byte(multiplexer, 0x02);
    std::error_code not_connected;
    mux.on_channel(0, [&](i2c_session& session) {
        EXPECT_EQ(bus.read_byte(multiplexer), 0x01);
        session.write(behind, {temperature_register}, not_connected);
    });
    EXPECT_FALSE(not_connected) << not_connected;
    EXPECT_EQ(bus.read_byte(multiplexer), 0x02);
    EXPECT_THROW(mux.on_channel(7, [](i2c_session& session) { session.write(behind, {0}); }),
                 std::system_error);
    EXPECT_EQ(bus.read_byte(multiplexer), 0x02);
    bus.write_byte(multiplexer, 0x00);
}

TEST_F(pi3, tells_about_its_adapter)
{
    const i2c_bus bus{bus_name};
    EXPECT_EQ(bus.adapter_name(), "bcm2835 (i2c@7e804000)");
    EXPECT_EQ(bus.clock_hz(), 100'000U);
    EXPECT_EQ(bus.functionality(), 0x0eff0009U);
    std::array<std::uint8_t, 8192> data{};
    const std::array too_long{i2c_message::write(eeprom, data), i2c_message::write(eeprom, data)};
    EXPECT_GT(bus.estimate_duration(too_long), 1s);
    std::error_code error;
    i2c_bus{bus_name}.transfer(too_long, error);
    EXPECT_EQ(error, i2c_errc::too_long);
}

TEST_F(any_adapter, messages_that_some_refuse_together_go_out_in_parts)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {low_limit_register, 0x11, 0x10});
    bus.write(tmp105, {high_limit_register, 0x22, 0x20});
    std::array<std::uint8_t, 2> one{};
    std::array<std::uint8_t, 2> two{};
    const std::array<std::uint8_t, 1> first{low_limit_register};
    const std::array<std::uint8_t, 1> second{high_limit_register};

    bus.transfer_in_parts({i2c_message::write(tmp105, first), i2c_message::read(tmp105, one),
                           i2c_message::write(tmp105, second), i2c_message::read(tmp105, two)});

    EXPECT_EQ(big_endian(one), 0x1110);
    EXPECT_EQ(big_endian(two), 0x2220);
}

TEST_F(any_adapter, a_register_is_changed_by_bits)
{
    i2c_bus bus{bus_name};
    i2c_device device{bus, tmp105};
    device.write<std::uint16_t>(high_limit_register, 0x5000);

    EXPECT_EQ(device.update_bits<std::uint16_t>(high_limit_register, 0x0ff0, 0x0a50), 0x5a50);
    EXPECT_TRUE(device.compare_exchange<std::uint16_t>(high_limit_register, 0x5a50, 0x4b00));
    EXPECT_FALSE(device.compare_exchange<std::uint16_t>(high_limit_register, 0x5a50, 0x5000));
    EXPECT_EQ(device.read<std::uint16_t>(high_limit_register), 0x4b00);
}

// The device of the bus's adapter, and its driver's folder.
struct bound {
    std::string device;
    std::filesystem::path driver;
};

bound find_driver()
{
    const auto device = std::filesystem::canonical("/sys/class/i2c-dev/i2c-1/device").parent_path();
    return {device.filename(), std::filesystem::canonical(device / "driver")};
}

void wait_until_the_node(bool is_there)
{
    for (int i = 0; i < 1000 && std::filesystem::exists(bus_name) != is_there; ++i)
        std::this_thread::sleep_for(10ms);
    ASSERT_EQ(std::filesystem::exists(bus_name), is_there);
}

TEST_F(pi3, says_that_it_was_unplugged_and_works_again_when_it_is_back)
{
    const auto adapter = find_driver();
    i2c_bus bus{bus_name};
    bus.write(tmp105, {temperature_register});
    std::error_code error;

    // This waits in the kernel until the last program has closed the bus.
    std::thread unplug{[&] { std::ofstream{adapter.driver / "unbind"} << adapter.device; }};
    wait_until_the_node(false);
    bus.write(tmp105, {temperature_register}, error);
    EXPECT_EQ(error, i2c_errc::bus_gone) << error;
    unplug.join();
    std::ignore = bus.read_byte_data(tmp105, temperature_register, error);
    EXPECT_EQ(error, i2c_errc::bus_gone) << "and so it stays: " << error;

    std::ofstream{adapter.driver / "bind"} << adapter.device;
    wait_until_the_node(true);
    bus.write(tmp105, {temperature_register}, error);
    EXPECT_FALSE(error) << error;
    EXPECT_NO_THROW(std::ignore = bus.read_byte_data(tmp105, temperature_register));
}

TEST_F(any_adapter, a_process_killed_in_its_session_frees_the_bus)
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

TEST_F(any_adapter, processes_killed_at_any_moment_leave_a_working_bus)
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

TEST_F(imx8mp, tells_about_its_adapter)
{
    const i2c_bus bus{bus_name};
    EXPECT_EQ(bus.adapter_name(), "30a30000.i2c");
    EXPECT_EQ(bus.clock_hz(), 400'000U);
    EXPECT_TRUE((bus.functionality() & I2C_FUNC_SMBUS_READ_BLOCK_DATA) != 0);
}

TEST_F(imx8mp, an_absent_address_times_out)
{
    i2c_bus bus{bus_name};
    std::error_code error;
    bus.write(absent, {0x00}, error);
    EXPECT_EQ(error, i2c_errc::timed_out) << error; // of this driver on this emulated controller
}

TEST_F(imx8mp, reads_several_times_in_one_transfer)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {low_limit_register, 0x11, 0x10});
    bus.write(tmp105, {high_limit_register, 0x22, 0x20});
    const std::array<std::uint8_t, 2> pointers{low_limit_register, high_limit_register};
    std::array<std::array<std::uint8_t, 2>, 21> values{};
    std::vector<i2c_message> messages; // as many as the kernel takes: 42
    for (std::size_t i = 0; i < values.size(); ++i) {
        messages.push_back(i2c_message::write(tmp105, std::span{pointers}.subspan(i % 2, 1)));
        messages.push_back(i2c_message::read(tmp105, values.at(i)));
    }

    bus.transfer(messages);

    for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_EQ(big_endian(values.at(i)), i % 2 == 0 ? 0x1110 : 0x2220);
}

TEST_F(imx8mp, reads_a_block_whose_length_the_device_tells)
{
    i2c_bus bus{bus_name};
    bus.write(eeprom, {0x02, 0x00, 0x03, 0xaa, 0xbb, 0xcc, 0xdd});
    const std::array<std::uint8_t, 2> position{0x02, 0x00};
    std::array<std::uint8_t, 33> block{};

    bus.transfer({i2c_message::write(eeprom, position), i2c_message::read_block(eeprom, block)});

    EXPECT_EQ(block[0], 3);
    EXPECT_EQ(block[1], 0xaa);
    EXPECT_EQ(block[3], 0xcc);
}

TEST_F(imx8mp, a_block_of_an_impossible_length_is_bad_protocol)
{
    i2c_bus bus{bus_name};
    const std::array<std::uint8_t, 2> position{0x02, 0x40};
    std::array<std::uint8_t, 33> block{};
    for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{33}, std::uint8_t{255}}) {
        bus.write(eeprom, {0x02, 0x40, length});
        std::error_code error;
        bus.transfer({i2c_message::write(eeprom, position), i2c_message::read_block(eeprom, block)}, error);
        EXPECT_EQ(error, i2c_errc::bad_protocol) << int{length} << ": " << error;
    }
}

TEST_F(stuck_bus, ends_in_time_says_so_and_leaves_nothing_locked)
{
    i2c_bus bus{"7"};
    const auto start = std::chrono::steady_clock::now();
    std::error_code error;
    std::array<std::uint8_t, 1> into{};
    bus.read(absent, into, error);
    EXPECT_TRUE(error == i2c_errc::timed_out || error == i2c_errc::no_acknowledge) << error;
    std::ignore = bus.read_byte_data(absent, 0, error);
    EXPECT_TRUE(error == i2c_errc::timed_out || error == i2c_errc::no_acknowledge) << error;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
    EXPECT_FALSE(resourcelock::resource_lock{bus.lock_name()}.is_locked());
}

TEST_F(stuck_bus, an_adapter_made_of_pins_has_every_deviation)
{
    i2c_bus bus{"7"};
    const std::array<std::uint8_t, 1> byte{0};
    std::array<std::uint8_t, 33> block{};
    std::error_code error;
    bus.transfer({i2c_message::write(absent, byte).with(resourcelock::i2c_flag::ignore_nak),
                  i2c_message::write(absent, byte).with(resourcelock::i2c_flag::no_start),
                  i2c_message::read_block(absent, block)},
                 error);
    EXPECT_NE(error, i2c_errc::not_supported) << error;
}

// The registers of i2c-stub, and a chip of the i801's bus: QEMU's EEPROM of a memory module.
constexpr int stub_chip = 0x20;
constexpr int memory_module = 0x50;

std::string name_of_i801()
{
    for (const auto& adapter : std::filesystem::directory_iterator{"/sys/class/i2c-dev"}) {
        std::string name;
        std::getline(std::ifstream{adapter.path() / "name"}, name);
        if (name.starts_with("SMBus I801"))
            return name;
    }
    return "no i801";
}

TEST_F(smbus_only, messages_go_out_as_the_smbus_call_of_the_same_bytes)
{
    i2c_bus bus{"SMBus stub driver"};
    ASSERT_EQ(bus.functionality() & I2C_FUNC_I2C, 0U);
    std::array<std::uint8_t, 1> one{};
    std::array<std::uint8_t, 2> two{};
    std::array<std::uint8_t, 4> four{};

    bus.write(stub_chip, {0x10, 0xab});
    bus.write_read(stub_chip, {0x10}, one);
    EXPECT_EQ(one[0], 0xab);
    bus.write(stub_chip, {0x12, 0x34, 0x56});
    bus.write_read(stub_chip, {0x12}, two);
    EXPECT_EQ(two, (std::array<std::uint8_t, 2>{0x34, 0x56}));
    bus.write(stub_chip, {0x40, 1, 2, 3, 4});
    bus.write_read(stub_chip, {0x40}, four);
    EXPECT_EQ(four, (std::array<std::uint8_t, 4>{1, 2, 3, 4}));
    bus.write(stub_chip, {0x10});
    bus.read(stub_chip, one);
    EXPECT_EQ(one[0], 0xab) << "the pointer written before";
}

TEST_F(smbus_only, registers_are_changed_by_bits)
{
    i2c_bus bus{"SMBus stub driver"};
    i2c_device device{bus, stub_chip};
    device.write<std::uint8_t>(0x20, 0xf0);
    EXPECT_EQ(device.update_bits<std::uint8_t>(0x20, 0x0f, 0x05), 0xf5);
    EXPECT_EQ(device.read<std::uint8_t>(0x20), 0xf5);
    EXPECT_TRUE(device.compare_exchange<std::uint8_t>(0x20, 0xf5, 0x11));
    device.write<std::uint16_t>(0x22, 0x1234);
    EXPECT_EQ(device.read<std::uint16_t>(0x22), 0x1234);
}

TEST_F(smbus_only, what_smbus_does_not_have_is_refused_before_anything_is_sent)
{
    for (const auto& name : {std::string{"SMBus stub driver"}, name_of_i801()}) {
        SCOPED_TRACE(name);
        i2c_bus bus{name};
        std::array<std::uint8_t, 2> two{};
        std::array<std::uint8_t, 34> long_one{};
        const std::array<std::uint8_t, 1> byte{0};
        std::error_code error;
        bus.read(stub_chip, two, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
        bus.write(stub_chip, long_one, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
        bus.transfer({i2c_message::write(stub_chip, byte), i2c_message::write(stub_chip, byte)}, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
        bus.write(resourcelock::i2c_address::ten_bit(stub_chip), {0}, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
    }
}

TEST_F(smbus_only, an_i801_reads_and_writes_and_says_who_is_absent)
{
    i2c_bus bus{name_of_i801()};
    i2c_device chip{bus, memory_module};
    chip.write<std::uint8_t>(0x10, 0x5b);
    EXPECT_EQ(chip.read<std::uint8_t>(0x10), 0x5b);
    std::error_code error;
    std::ignore = i2c_device{bus, absent}.read<std::uint8_t>(0, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    EXPECT_EQ(error.value(), ENXIO);
}
