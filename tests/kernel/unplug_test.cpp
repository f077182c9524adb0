// The adapter is taken from its driver, and given back, while programs have its bus open.
#include "board.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <tuple>

using namespace std::chrono_literals;
using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;

namespace {
class unplugged : public board::fixture {};

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
