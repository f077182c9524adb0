// Beside drivers of the kernel on the same bus.
#include "board.hpp"
#include "child.hpp"

#include <resourcelock/i2c_mux.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_session;

namespace {

const std::filesystem::path adapter = "/sys/bus/i2c/devices/i2c-1";

/// A device that a driver of the kernel takes. Given back when the object ends.
class kernel_device {
public:
    kernel_device(const std::string& kind, int address) : address_{address}
    {
        std::ofstream{adapter / "new_device"} << kind << ' ' << address;
    }
    kernel_device(const kernel_device&) = delete;
    kernel_device& operator=(const kernel_device&) = delete;
    ~kernel_device() { give_back(); }

    void give_back()
    {
        if (address_ != 0)
            std::ofstream{adapter / "delete_device"} << address_;
        address_ = 0;
    }

    [[nodiscard]] std::filesystem::path sysfs() const
    {
        char name[8];
        std::snprintf(name, sizeof name, "1-%04x", static_cast<unsigned>(address_));
        return std::filesystem::path{"/sys/bus/i2c/devices"} / name;
    }

private:
    int address_;
};

/// The multiplexer at 0x70, switched by the kernel, which makes an adapter of each channel.
struct kernel_multiplexer : kernel_device {
    kernel_multiplexer() : kernel_device{"pca9548", multiplexer} {}

    [[nodiscard]] std::string channel(int number) const
    {
        const auto link = sysfs() / ("channel-" + std::to_string(number));
        return "/dev/" + std::filesystem::read_symlink(link).filename().string();
    }
};

// Reads a register of the sensor behind the multiplexer, pointer and value in two transactions, in sessions
// or without: so many times. Says when it did so for the first time, and at the end how often it was not this
// value.
int read_behind(const std::vector<std::string>& args)
{
    i2c_bus bus{args.at(0), {.timeout = 10s}};
    const auto reg = static_cast<std::uint8_t>(std::stoi(args.at(1)));
    const int value = std::stoi(args.at(2));
    const bool in_session = args.at(3) == "session";
    const int readings = std::stoi(args.at(4));
    const auto read = [&](resourcelock::i2c_transactions& through) {
        through.write(behind_multiplexer, {reg});
        std::this_thread::sleep_for(1ms); // for whoever wants to move the pointer
        return read_word(through, behind_multiplexer);
    };
    test::say("ready");
    test::hear();
    int mismatches = 0;
    for (int i = 0; i < readings; ++i) {
        if (in_session) {
            auto session = bus.session({.timeout = 10s});
            mismatches += read(session) != value;
        } else {
            mismatches += read(bus) != value;
        }
        if (i == 0)
            test::say("was on the bus");
    }
    test::say(std::to_string(mismatches));
    return 0;
}
const test::role register_reader{"register reader", read_behind};

test::child start_reader(const std::string& bus, int reg, int value, const std::string& manner, int readings)
{
    auto reader = test::child::in_role("register reader", {bus, std::to_string(reg), std::to_string(value),
                                                           manner, std::to_string(readings)});
    EXPECT_EQ(reader.line(), "ready");
    return reader;
}

class kernel_drivers : public board::fixture {
protected:
    static void expect_owned(int address, const char* driver)
    {
        i2c_bus bus{bus_name};
        i2c_bus forcing{bus_name, {.force = true}};
        std::array<std::uint8_t, 2> into{};
        std::error_code error;

        EXPECT_EQ(bus.is_address_in_use(address), driver);
        bus.read(address, into, error);
        EXPECT_EQ(error, i2c_errc::address_in_use) << error;
        std::ignore = bus.read_byte(address, error);
        EXPECT_EQ(error, i2c_errc::address_in_use) << error;
        forcing.read(address, into, error);
        EXPECT_FALSE(error) << error;
    }
};

} // namespace

TEST_F(kernel_drivers, the_address_of_a_sensor_s_driver_is_left_alone_unless_forced)
{
    kernel_device sensor{"tmp105", tmp105};
    ASSERT_TRUE(std::filesystem::exists(sensor.sysfs() / "driver"));
    expect_owned(tmp105, "lm75");
    EXPECT_EQ(i2c_bus{bus_name}.is_address_in_use(eeprom), std::nullopt);

    sensor.give_back();
    EXPECT_EQ(i2c_bus{bus_name}.is_address_in_use(tmp105), std::nullopt);
    EXPECT_NO_THROW(read_word(*std::make_unique<i2c_bus>(bus_name), tmp105));
}

TEST_F(kernel_drivers, an_eeprom_reads_the_same_through_its_driver)
{
    i2c_bus{bus_name}.write(eeprom, {0x00, 0x80, 'w', 'i', 'r', 'e', 's'});
    const kernel_device chip{"24c256", eeprom};
    expect_owned(eeprom, "at24");

    std::ifstream memory{chip.sysfs() / "eeprom"};
    memory.seekg(0x80);
    std::array<char, 5> read{};
    memory.read(read.data(), read.size());

    EXPECT_EQ(std::string_view(read.data(), read.size()), "wires");
}

TEST_F(kernel_drivers, channels_of_a_multiplexer_take_the_lock_of_their_root)
{
    const kernel_multiplexer mux;
    i2c_bus root{bus_name};
    i2c_bus first{mux.channel(0)};
    i2c_bus second{mux.channel(1)};
    EXPECT_EQ(root.lock_name(), "i2c-1");
    EXPECT_EQ(first.lock_name(), "i2c-1");
    EXPECT_EQ(second.lock_name(), "i2c-1");

    first.write(behind_multiplexer, {low_limit_register, 0x11, 0x10});
    second.write(behind_multiplexer, {low_limit_register, 0x22, 0x20});
    auto one = start_reader(mux.channel(0), low_limit_register, 0x1110, "session", 1);
    auto two = start_reader(mux.channel(1), low_limit_register, 0x2220, "session", 1);
    {
        auto session = root.session();
        one.tell("go");
        EXPECT_EQ(one.line(300ms), std::nullopt) << "a session on the root bars its channels";
    }
    EXPECT_EQ(one.line(), "was on the bus");
    {
        auto session = first.session();
        two.tell("go");
        EXPECT_EQ(two.line(300ms), std::nullopt) << "and one on a channel the other";
    }
    EXPECT_EQ(two.line(), "was on the bus");
    EXPECT_EQ(one.line(), "0");
    EXPECT_EQ(two.line(), "0");
}

// The kernel leaves the channel connected, so its sensor answers on the root adapter as well.
TEST_F(kernel_drivers, a_sensor_on_a_channel_is_read_right_beside_the_root_and_wrong_without_sessions)
{
    const kernel_multiplexer mux;
    i2c_bus channel{mux.channel(0)};
    channel.write(behind_multiplexer, {low_limit_register, 0x11, 0x10});
    channel.write(behind_multiplexer, {high_limit_register, 0x22, 0x20});
    const auto mismatches = [&](const std::string& manner) {
        auto one = start_reader(mux.channel(0), low_limit_register, 0x1110, manner, 60);
        auto two = start_reader(bus_name, high_limit_register, 0x2220, manner, 60);
        one.tell("go");
        two.tell("go");
        int sum = 0;
        for (auto* const reader : {&one, &two}) {
            EXPECT_EQ(reader->line(), "was on the bus");
            sum += std::stoi(reader->line().value_or("1000000"));
        }
        return sum;
    };
    EXPECT_GT(mismatches("no session"), 0);
    EXPECT_EQ(mismatches("session"), 0);
}

TEST_F(kernel_drivers, a_multiplexer_that_the_kernel_switches_is_left_to_it)
{
    const kernel_multiplexer by_the_kernel;
    i2c_bus bus{bus_name};
    resourcelock::i2c_mux mux{bus};
    try {
        mux.on_channel(0, [](i2c_session&) { FAIL() << "switched it"; });
        FAIL() << "switched it";
    } catch (const std::system_error& refused) {
        EXPECT_EQ(refused.code(), i2c_errc::address_in_use) << refused.what();
    }
}

TEST_F(kernel_drivers, a_channel_whose_multiplexer_leaves_is_gone)
{
    kernel_multiplexer mux;
    const auto node = mux.channel(0);
    std::optional<i2c_bus> channel{node};
    channel->write(behind_multiplexer, {temperature_register});

    // This waits in the kernel until the last program has closed the channel.
    std::thread leave{[&] { mux.give_back(); }};
    for (int i = 0; i < 1000 && std::filesystem::exists(node); ++i)
        std::this_thread::sleep_for(10ms);
    EXPECT_FALSE(std::filesystem::exists(node));
    std::this_thread::sleep_for(20ms); // a tick
    std::error_code error;
    channel->write(behind_multiplexer, {temperature_register}, error);
    EXPECT_EQ(error, i2c_errc::bus_gone) << error;
    channel.reset(); // also when it did not notice
    leave.join();
    EXPECT_THROW(i2c_bus{node}, std::system_error);
}
