#include "devices.hpp"
#include "sim_name.hpp"

#include <resourcelock/sim_control.hpp>

#include <gtest/gtest.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::sim_control;

constexpr std::uint8_t ctrl_hum = 0xf2;
constexpr std::uint8_t status = 0xf3;
constexpr std::uint8_t ctrl_meas = 0xf4;
constexpr std::uint8_t config = 0xf5;

constexpr std::uint8_t all_x1 = 0x25;  // forced, with humidity x1 in ctrl_hum
constexpr std::uint8_t all_x16 = 0xb5; // forced, x16
constexpr auto time_of_x1 = 9300us;    // 1250 + 2300 + 2875 + 2875
constexpr auto time_of_x16 = 112'800us;

const bytes nothing_measured{0x80, 0x00, 0x00, 0x80, 0x00, 0x00, 0x80, 0x00};
const bytes at_x1{0x4a, 0x52, 0x00, 0x80, 0x96, 0x00, 0x7a, 0x76};
const bytes at_x16{0x4a, 0x52, 0xc0, 0x80, 0x96, 0xc0, 0x7a, 0x76};

class bme280 : public testing::Test {
protected:
    bme280() { control_.stop_clock(); }

    bytes data() { return read_registers(bus_, test::bme280, 0xf7, 8); }
    std::uint8_t at(std::uint8_t number) { return read_registers(bus_, test::bme280, number, 1).at(0); }
    void write(const bytes& pairs) { bus_.write(test::bme280, pairs); }

    /// One forced measurement; returns the data behind it.
    bytes measure(std::uint8_t humidity, std::uint8_t control)
    {
        write({ctrl_hum, humidity, ctrl_meas, control});
        control_.advance(1s);
        return data();
    }

    sim_name sim_;
    i2c_bus bus_{sim_.bus()};
    sim_control control_{sim_.bus()};
};

TEST_F(bme280, says_who_it_is)
{
    EXPECT_EQ(at(0xd0), 0x60);
    EXPECT_EQ(data(), nothing_measured);
}

TEST_F(bme280, has_the_calibration_of_the_published_recording)
{
    EXPECT_EQ(read_registers(bus_, test::bme280, 0x88, 26),
              (bytes{0x10, 0x6e, 0x6c, 0x66, 0x32, 0x00, 0x5d, 0x95, 0xb8, 0xd5, 0xd0, 0x0b, 0x77,
                     0x1e, 0x9d, 0xff, 0xf9, 0xff, 0xac, 0x26, 0x0a, 0xd8, 0xbd, 0x10, 0x00, 0x4b}));
    EXPECT_EQ(read_registers(bus_, test::bme280, 0xe1, 7), (bytes{0x6e, 0x01, 0x00, 0x13, 0x05, 0x00, 0x1e}));
}

TEST_F(bme280, a_forced_measurement_takes_its_time_and_changes_all_data_at_once)
{
    write({ctrl_hum, 1, ctrl_meas, all_x1});
    control_.advance(time_of_x1 - 1ns);
    EXPECT_EQ(at(status), 0x08);
    EXPECT_EQ(at(ctrl_meas), all_x1);
    EXPECT_EQ(data(), nothing_measured);
    control_.advance(1ns);
    EXPECT_EQ(at(status), 0x00);
    EXPECT_EQ(at(ctrl_meas), all_x1 & 0xfc) << "asleep";
    EXPECT_EQ(data(), at_x1);
}

TEST_F(bme280, oversampling_costs_time_and_gives_bits)
{
    write({ctrl_hum, 5, ctrl_meas, all_x16});
    control_.advance(time_of_x16 - 1ns);
    EXPECT_EQ(at(status), 0x08);
    control_.advance(1ns);
    EXPECT_EQ(data(), at_x16);
    // pressure and temperature: x2 has 17 bits, x4 has 18
    EXPECT_EQ(measure(1, 0x49), (bytes{0x4a, 0x52, 0x80, 0x80, 0x96, 0x80, 0x7a, 0x76}));
    EXPECT_EQ(measure(1, 0x6d), at_x16) << "the last two bits of both are 0 anyway";
    EXPECT_EQ(measure(1, all_x1), at_x1);
}

TEST_F(bme280, the_filter_gives_all_bits)
{
    write({config, 0x04});
    EXPECT_EQ(measure(1, all_x1), at_x16);
}

TEST_F(bme280, what_is_skipped_reads_as_skipped_and_takes_no_time)
{
    write({ctrl_meas, 0x21}); // temperature only
    control_.advance(1250us + 2300us - 1ns);
    EXPECT_EQ(at(status), 0x08);
    control_.advance(1ns);
    EXPECT_EQ(at(status), 0x00);
    EXPECT_EQ(data(), (bytes{0x80, 0x00, 0x00, 0x80, 0x96, 0x00, 0x80, 0x00}));
}

TEST_F(bme280, ctrl_hum_waits_for_ctrl_meas)
{
    EXPECT_EQ(measure(0, 0x25), (bytes{0x4a, 0x52, 0x00, 0x80, 0x96, 0x00, 0x80, 0x00}));
    write({ctrl_meas, 0x27}); // normal mode, 62.5 ms between two measurements
    write({config, 0x20});
    write({ctrl_hum, 1});
    control_.advance(1s);
    EXPECT_EQ(data()[6], 0x80);
    write({ctrl_meas, 0x27});
    control_.advance(1s);
    EXPECT_EQ(data()[6], 0x7a);
}

TEST_F(bme280, a_second_start_waits_for_the_end_of_the_first)
{
    write({ctrl_hum, 5, ctrl_meas, all_x16});
    control_.advance(1ms);
    write({ctrl_hum, 1, ctrl_meas, all_x1});
    write({ctrl_hum, 0, ctrl_meas, 0x21}); // ignored: one is waiting already
    control_.advance(time_of_x16 - 1ms);
    EXPECT_EQ(at(status), 0x08) << "the second";
    EXPECT_EQ(data(), at_x16) << "of the first";
    control_.advance(time_of_x1);
    EXPECT_EQ(at(status), 0x00);
    EXPECT_EQ(data(), at_x1) << "of the second";
}

TEST_F(bme280, a_start_that_waited_begins_at_that_end_whenever_somebody_looks)
{
    write({ctrl_hum, 5, ctrl_meas, all_x16});
    write({ctrl_hum, 1, ctrl_meas, all_x1});
    control_.advance(time_of_x16 + time_of_x1);
    EXPECT_EQ(at(status), 0x00);
    EXPECT_EQ(data(), at_x1);
}

TEST_F(bme280, normal_mode_measures_again_and_again)
{
    write({ctrl_hum, 1, config, 0xa0, ctrl_meas, 0x27}); // 1 s between two measurements
    control_.advance(time_of_x1);
    EXPECT_EQ(at(status), 0x00);
    EXPECT_EQ(data(), at_x1);
    control_.advance(1s);
    EXPECT_EQ(at(status), 0x08);
    control_.advance(time_of_x1);
    EXPECT_EQ(at(status), 0x00);
    control_.advance(std::chrono::hours{24 * 365});
    EXPECT_EQ(at(ctrl_meas), 0x27);
}

TEST_F(bme280, a_reset_forgets_everything)
{
    measure(5, all_x16);
    write({0xe0, 0x00});
    EXPECT_EQ(data(), at_x16) << "only B6 resets";
    write({0xe0, 0xb6});
    EXPECT_EQ(data(), nothing_measured);
    EXPECT_EQ(at(ctrl_hum), 0);
    EXPECT_EQ(at(ctrl_meas), 0);
}

TEST_F(bme280, what_is_read_only_stays)
{
    write({0xd0, 0x12, 0x88, 0x12, 0xf7, 0x12, status, 0xff});
    EXPECT_EQ(at(0xd0), 0x60);
    EXPECT_EQ(at(0x88), 0x10);
    EXPECT_EQ(at(0xf7), 0x80);
    EXPECT_EQ(at(status), 0x00);
}

/// As bme280_compensate_T_int32 of the datasheet (section 4.2.3): what the raw value means.
TEST_F(bme280, the_temperature_is_23_72_degrees)
{
    const auto calibration = read_registers(bus_, test::bme280, 0x88, 6);
    const auto word = [&](std::size_t i) { return calibration[i] | calibration[i + 1] << 8; };
    const int t1 = word(0);
    const int t2 = static_cast<std::int16_t>(word(2));
    const int t3 = static_cast<std::int16_t>(word(4));
    const auto raw = measure(5, all_x16);
    const int adc = raw[3] << 12 | raw[4] << 4 | raw[5] >> 4;
    const int first = (((adc >> 3) - (t1 << 1)) * t2) >> 11;
    const int second = (((((adc >> 4) - t1) * ((adc >> 4) - t1)) >> 12) * t3) >> 14;
    EXPECT_EQ(((first + second) * 5 + 128) >> 8, 2372);
}

} // namespace
