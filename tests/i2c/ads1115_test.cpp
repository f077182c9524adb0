#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;

std::uint16_t read_register(i2c_bus& bus, std::uint8_t number)
{
    std::array<std::uint8_t, 2> value{};
    bus.write_read(ads1115, {number}, value);
    return static_cast<std::uint16_t>(value[0] << 8 | value[1]);
}

int convert(i2c_bus& bus, std::uint16_t config)
{
    bus.write(ads1115,
              {0x01, static_cast<std::uint8_t>(config >> 8), static_cast<std::uint8_t>(config & 0xff)});
    while ((read_register(bus, 1) & 0x8000) == 0) {
    }
    return read_result(bus);
}

TEST(ads1115, each_channel_has_its_own_steady_voltage)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (int round = 0; round < 2; ++round)
        for (unsigned channel = 0; channel < 4; ++channel)
            EXPECT_EQ(measure(bus, channel), channel_codes[channel]);
}

TEST(ads1115, differential_inputs_give_the_difference)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(convert(bus, 0x85e3), 4800 - 12800);  // AIN0 - AIN1
    EXPECT_EQ(convert(bus, 0x95e3), 4800 - 30400);  // AIN0 - AIN3
    EXPECT_EQ(convert(bus, 0xa5e3), 12800 - 30400); // AIN1 - AIN3
    EXPECT_EQ(convert(bus, 0xb5e3), 20000 - 30400); // AIN2 - AIN3
}

TEST(ads1115, the_gain_scales_and_clips)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(convert(bus, 0xc1e3), 1600);   // AIN0 = 0.3 V at +-6.144 V
    EXPECT_EQ(convert(bus, 0xc3e3), 2400);   // +-4.096 V
    EXPECT_EQ(convert(bus, 0xc5e3), 4800);   // +-2.048 V
    EXPECT_EQ(convert(bus, 0xc7e3), 9600);   // +-1.024 V
    EXPECT_EQ(convert(bus, 0xc9e3), 19200);  // +-0.512 V
    EXPECT_EQ(convert(bus, 0xcbe3), 32767);  // +-0.256 V: too much
    EXPECT_EQ(convert(bus, 0xcfe3), 32767);  // the same under another number
    EXPECT_EQ(convert(bus, 0x9be3), -32768); // AIN0 - AIN3 = -1.6 V
}

TEST(ads1115, a_conversion_takes_the_time_of_its_data_rate)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(convert(bus, 0xd543), 12800); // AIN1, 32 a second
    EXPECT_GE(std::chrono::steady_clock::now() - start, 31ms);
}

TEST(ads1115, the_result_stays_the_last_one_until_the_conversion_is_done)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(read_result(bus), 0);
    EXPECT_EQ(measure(bus, 2), channel_codes[2]);
    bus.write(ads1115, {0x01, 0xf5, 0x03}); // AIN3, 8 a second
    EXPECT_EQ(read_register(bus, 1), 0x7503);
    EXPECT_EQ(read_result(bus), channel_codes[2]);
}

TEST(ads1115, a_start_during_a_conversion_changes_the_register_but_not_the_conversion)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(ads1115, {0x01, 0xc5, 0x03}); // AIN0, 8 a second
    bus.write(ads1115, start_conversion(1));
    while ((read_register(bus, 1) & 0x8000) == 0) {
    }
    EXPECT_EQ(read_register(bus, 1), 0xd5e3);
    EXPECT_EQ(read_result(bus), channel_codes[0]);
}

TEST(ads1115, a_config_without_start_converts_nothing)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(ads1115, {0x01, 0x45, 0xe3});
    EXPECT_EQ(read_register(bus, 1), 0xc5e3) << "idle";
    EXPECT_EQ(read_result(bus), 0);
}

TEST(ads1115, continuous_mode_converts_the_channel_of_the_register)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (unsigned channel = 0; channel < 4; ++channel) {
        bus.write(ads1115, {0x01, static_cast<std::uint8_t>(0x44 | channel << 4), 0xe3});
        std::this_thread::sleep_for(conversion_time);
        EXPECT_EQ(read_result(bus), channel_codes[channel]);
        EXPECT_EQ(read_register(bus, 1) & 0x8000, 0) << "always converting";
    }
}

TEST(ads1115, the_pointer_stays_where_the_last_write_put_it)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    measure(bus, 3);
    EXPECT_EQ(read_bytes(bus, ads1115, 2), (bytes{0x76, 0xc0})); // conversion, 30400
    bus.write(ads1115, {0x01, 0x45, 0xe3});
    EXPECT_EQ(read_bytes(bus, ads1115, 2),
              (bytes{0xc5, 0xe3})); // config: a plausible voltage for the careless
}

TEST(ads1115, registers_start_and_change_as_the_datasheet_says)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(read_register(bus, 0), 0x0000);
    EXPECT_EQ(read_register(bus, 1), 0x8583);
    EXPECT_EQ(read_register(bus, 2), 0x8000);
    EXPECT_EQ(read_register(bus, 3), 0x7fff);
    bus.write(ads1115, {0x02, 0x12, 0x34});
    bus.write(ads1115, {0x03, 0x56, 0x78});
    bus.write(ads1115, {0x00, 0x9a, 0xbc}); // read-only
    bus.write(ads1115, {0x01, 0x9a});       // half a register
    EXPECT_EQ(read_register(bus, 0), 0x0000);
    EXPECT_EQ(read_register(bus, 1), 0x8583);
    EXPECT_EQ(read_register(bus, 2), 0x1234);
    EXPECT_EQ(read_register(bus, 3), 0x5678);
}

} // namespace
