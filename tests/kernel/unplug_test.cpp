// The adapter is taken from its driver, and given back, while programs have its bus open.
#include "board.hpp"
#include "child.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;

namespace {
class unplugged : public board::fixture {};
// A suite of its own: i2c-imx takes the board down when its bus is used at that moment.
class unplugged_in_use : public board::fixture {};

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

// The driver gives its interrupt back before it stops taking transfers. One under way then keeps the line
// busy, and the kernel switches that off for good, unless nobody else uses it: then the driver's next start
// switches it on.
void leave_its_interrupt_to(const bound& adapter)
{
    std::vector<std::string> others;
    for (const auto& entry : std::filesystem::directory_iterator{adapter.driver}) {
        const auto device = entry.path().filename();
        if (device.extension() == ".i2c" && device != adapter.device)
            others.push_back(device);
    }
    for (const auto& device : others)
        std::ofstream{adapter.driver / "unbind"} << device;
}

void wait_until_the_node(bool is_there)
{
    for (int i = 0; i < 1000 && std::filesystem::exists(bus_name) != is_there; ++i)
        std::this_thread::sleep_for(10ms);
    ASSERT_EQ(std::filesystem::exists(bus_name), is_there);
}

// Reads in sessions until that fails, says why, and waits to be told that the bus is back.
int read_until_it_fails(const std::vector<std::string>&)
{
    i2c_bus bus{bus_name, {.timeout = 10s}};
    std::array<std::uint8_t, 2> into{};
    std::error_code error;
    for (int i = 0; !error; ++i) {
        auto session = bus.session({.timeout = 10s}, error);
        if (!error)
            session.write(tmp105, {temperature_register}, error);
        if (!error)
            session.read(tmp105, into, error);
        if (i == 10)
            test::say("reading");
    }
    test::say(error == i2c_errc::bus_gone ? "bus_gone" : error.message());
    test::hear();
    bus.in_session([&](auto& session) { session.write_read(tmp105, {temperature_register}, into); });
    test::say("read again");
    return 0;
}
const test::role session_reader{"session reader", read_until_it_fails};
} // namespace

TEST_F(unplugged, a_bus_says_that_it_was_unplugged_and_works_again_when_it_is_back)
{
    const auto adapter = find_driver();
    std::optional<i2c_bus> bus{bus_name};
    bus->write(tmp105, {temperature_register});
    std::error_code error;

    // This waits in the kernel until the last program has closed the bus.
    std::thread unplug{[&] { std::ofstream{adapter.driver / "unbind"} << adapter.device; }};
    wait_until_the_node(false);
    std::this_thread::sleep_for(20ms); // a tick of the kernel's clock
    bus->write(tmp105, {temperature_register}, error);
    EXPECT_EQ(error, i2c_errc::bus_gone) << error;
    if (error != i2c_errc::bus_gone)
        bus.reset(); // or unplug would wait for ever
    unplug.join();
    ASSERT_TRUE(bus);
    std::ignore = bus->read_byte_data(tmp105, temperature_register, error);
    EXPECT_EQ(error, i2c_errc::bus_gone) << "and so it stays: " << error;

    std::ofstream{adapter.driver / "bind"} << adapter.device;
    wait_until_the_node(true);
    bus->write(tmp105, {temperature_register}, error);
    EXPECT_FALSE(error) << error;
    EXPECT_NO_THROW(std::ignore = bus->read_byte_data(tmp105, temperature_register));
}

TEST_F(unplugged_in_use, a_bus_is_gone_for_who_is_in_its_session_and_its_lock_is_free)
{
    const auto adapter = find_driver();
    leave_its_interrupt_to(adapter);
    auto other = test::child::in_role("session reader");
    ASSERT_EQ(other.line(), "reading");

    std::thread unplug{[&] { std::ofstream{adapter.driver / "unbind"} << adapter.device; }};
    wait_until_the_node(false);
    EXPECT_EQ(other.line(), "bus_gone");
    if (HasFailure())
        other.kill(); // or unplug would wait for ever
    unplug.join();
    resourcelock::resource_lock lock{"i2c-1"};
    EXPECT_TRUE(lock.get_lock({.timeout = 1s}));
    EXPECT_FALSE(lock.recovered()) << "it was released";
    lock.unget_lock();

    std::ofstream{adapter.driver / "bind"} << adapter.device;
    wait_until_the_node(true);
    other.tell("it is back");
    EXPECT_EQ(other.line(), "read again");
    EXPECT_EQ(other.wait(), 0);
    EXPECT_NO_THROW(read_word(*std::make_unique<i2c_bus>(bus_name), tmp105));
}
