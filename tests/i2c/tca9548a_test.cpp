#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;

bytes temperature(i2c_bus& bus) { return read_registers(bus, tmp105_behind, 0, 2); }

std::error_code try_temperature(i2c_bus& bus)
{
    std::error_code error;
    bytes into(2);
    bus.write_read(tmp105_behind, {0x00}, into, error);
    EXPECT_TRUE(!error || into == bytes(2)) << "a read that fails leaves the memory alone";
    return error;
}

TEST(tca9548a, nobody_is_selected_at_power_on)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(bus.read_byte(tca9548a), 0x00);
    EXPECT_EQ(try_temperature(bus), i2c_errc::no_acknowledge);
}

TEST(tca9548a, a_channel_leads_to_its_device)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(tca9548a, {0x01});
    EXPECT_EQ(temperature(bus), (bytes{20, 0}));
    bus.write(tca9548a, {0x02});
    EXPECT_EQ(temperature(bus), (bytes{30, 0}));
    EXPECT_EQ(bus.read_byte(tca9548a), 0x02);
    bus.write(tca9548a, {0xfc});
    EXPECT_EQ(try_temperature(bus), i2c_errc::no_acknowledge) << "nothing behind the other channels";
}

TEST(tca9548a, devices_of_both_channels_pull_the_same_lines)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(tca9548a, {0x03});
    EXPECT_EQ(temperature(bus), (bytes{20 & 30, 0}));
    bus.write(tmp105_behind, {0x02, 0x12, 0x30}); // both hear
    for (const auto channel : bytes{0x01, 0x02}) {
        bus.write(tca9548a, {channel});
        EXPECT_EQ(read_registers(bus, tmp105_behind, 2, 2), (bytes{0x12, 0x30}));
    }
}

TEST(tca9548a, a_device_hears_only_when_its_channel_is_selected)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(tca9548a, {0x01});
    bus.write(tmp105_behind, {0x02, 0x12, 0x30});
    bus.write(tca9548a, {0x02});
    EXPECT_EQ(read_registers(bus, tmp105_behind, 2, 2), (bytes{0x4b, 0x00}));
}

TEST(tca9548a, what_is_written_holds_from_the_stop_on)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(tca9548a, {0x01});
    const bytes second{0x02};
    const bytes pointer{0x00};
    bytes into(2);
    bus.transfer({i2c_message::write(tca9548a, second), i2c_message::write(tmp105_behind, pointer),
                  i2c_message::read(tmp105_behind, into)});
    EXPECT_EQ(into, (bytes{20, 0}));
    EXPECT_EQ(temperature(bus), (bytes{30, 0}));
}

TEST(tca9548a, a_transfer_that_fails_ends_with_a_stop_too)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const bytes first{0x01};
    std::error_code error;
    bus.transfer({i2c_message::write(tca9548a, first), i2c_message::write(absent, first)}, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    EXPECT_EQ(temperature(bus), (bytes{20, 0}));
}

TEST(tca9548a, the_last_of_several_bytes_counts)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(tca9548a, {0x01, 0x02});
    EXPECT_EQ(read_bytes(bus, tca9548a, 2), (bytes{0x02, 0x02}));
}

TEST(tca9548a, the_devices_before_it_answer_always)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const auto channels : bytes{0x00, 0x01, 0xff}) {
        bus.write(tca9548a, {channels});
        EXPECT_EQ(read_registers(bus, tmp105, 0, 2), (bytes{0x15, 0x80}));
    }
}

} // namespace
