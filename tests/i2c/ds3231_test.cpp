#include "devices.hpp"
#include "sim_name.hpp"

#include <resourcelock/sim_control.hpp>

#include <gtest/gtest.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::sim_control;

constexpr std::uint8_t status = 0x0f;

class ds3231 : public testing::Test {
protected:
    ds3231() { control_.stop_clock(); }

    bytes from(std::uint8_t first, std::size_t count)
    {
        return read_registers(bus_, test::ds3231, first, count);
    }
    bytes time() { return from(0, 7); }
    void write(const bytes& message) { bus_.write(test::ds3231, message); }

    sim_name sim_;
    i2c_bus bus_{sim_.bus()};
    sim_control control_{sim_.bus()};
};

const bytes last_second_of_2026{0x00, 0x59, 0x59, 0x23, 0x04, 0x31, 0x12, 0x26}; // from register 0 on

TEST_F(ds3231, starts_with_2026)
{
    // Seconds and minutes depend on how busy the machine is.
    EXPECT_EQ(from(2, 5), (bytes{0x00, 0x04, 0x01, 0x01, 0x26}));
}

TEST_F(ds3231, runs_with_the_time_of_the_bus)
{
    write({0x00, 0x00, 0x00, 0x00});
    control_.advance(1s - 1ns);
    EXPECT_EQ(from(0, 3), (bytes{0x00, 0x00, 0x00}));
    control_.advance(1ns);
    EXPECT_EQ(from(0, 3), (bytes{0x01, 0x00, 0x00}));
    control_.advance(11h + 22min + 32s);
    EXPECT_EQ(from(0, 3), (bytes{0x33, 0x22, 0x11}));
}

TEST_F(ds3231, carries_into_the_next_year_and_weekday)
{
    write(last_second_of_2026);
    EXPECT_EQ(time(), (bytes{0x59, 0x59, 0x23, 0x04, 0x31, 0x12, 0x26}));
    control_.advance(1s);
    EXPECT_EQ(time(), (bytes{0x00, 0x00, 0x00, 0x05, 0x01, 0x01, 0x27}));
    control_.advance(std::chrono::hours{3 * 24});
    EXPECT_EQ(time()[3], 0x01) << "behind weekday 7";
}

TEST_F(ds3231, knows_leap_years_and_centuries)
{
    write({0x00, 0x59, 0x59, 0x23, 0x01, 0x28, 0x02, 0x28});
    control_.advance(1s);
    EXPECT_EQ(time(), (bytes{0x00, 0x00, 0x00, 0x02, 0x29, 0x02, 0x28}));
    write({0x00, 0x59, 0x59, 0x23, 0x01, 0x28, 0x02, 0x27});
    control_.advance(1s);
    EXPECT_EQ(time(), (bytes{0x00, 0x00, 0x00, 0x02, 0x01, 0x03, 0x27}));
    write({0x00, 0x59, 0x59, 0x23, 0x07, 0x31, 0x12, 0x99});
    control_.advance(1s);
    EXPECT_EQ(time(), (bytes{0x00, 0x00, 0x00, 0x01, 0x01, 0x81, 0x00})) << "the century bit is the month's";
}

TEST_F(ds3231, setting_the_seconds_starts_a_new_second)
{
    control_.advance(900ms);
    write({0x00, 0x10});
    control_.advance(999ms);
    EXPECT_EQ(from(0, 1), bytes{0x10});
    control_.advance(1ms);
    EXPECT_EQ(from(0, 1), bytes{0x11});
}

TEST_F(ds3231, setting_only_the_hours_keeps_the_second)
{
    write({0x00, 0x10, 0x20, 0x03});
    control_.advance(900ms);
    write({0x02, 0x15});
    control_.advance(100ms);
    EXPECT_EQ(from(0, 3), (bytes{0x11, 0x20, 0x15}));
}

TEST_F(ds3231, shows_twelve_hours_when_asked_to)
{
    const struct {
        std::uint8_t twelve;
        std::uint8_t next;
    } cases[] = {{0x52, 0x41}, {0x51, 0x72}, {0x72, 0x61}, {0x71, 0x52}, {0x49, 0x50}};
    for (const auto& [hour, next] : cases) { // 12 am, 11 am, 12 pm, 11 pm, 9 am
        write({0x00, 0x00, 0x00, hour});
        EXPECT_EQ(from(2, 1), bytes{hour});
        control_.advance(1h);
        EXPECT_EQ(from(2, 1), bytes{next});
    }
    write({0x02, 0x73 & 0x1f}); // 13 h
    EXPECT_EQ(from(2, 1), bytes{0x13});
}

TEST_F(ds3231, tells_that_it_stood_still_until_that_is_cleared)
{
    EXPECT_EQ(from(status, 1), bytes{0x88});
    write({status, 0x08});
    EXPECT_EQ(from(status, 1), bytes{0x08});
    write({status, 0xff});
    EXPECT_EQ(from(status, 1), bytes{0x08}) << "can only be cleared";
    write({status, 0x00});
    EXPECT_EQ(from(status, 1), bytes{0x00});
}

TEST_F(ds3231, is_25_degrees_and_a_quarter_warm)
{
    write({0x11, 0x55, 0x55});
    EXPECT_EQ(from(0x11, 2), (bytes{0x19, 0x40})) << "read-only";
}

TEST_F(ds3231, alarms_and_control_hold_what_was_written)
{
    EXPECT_EQ(from(0x0e, 1), bytes{0x1c});
    const bytes alarms{0x01, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07};
    bytes message{0x07};
    message.insert(message.end(), alarms.begin(), alarms.end());
    message.push_back(0x05);
    write(message);
    EXPECT_EQ(from(0x07, 7), alarms);
    EXPECT_EQ(from(0x0e, 1), bytes{0x05});
}

TEST_F(ds3231, the_register_pointer_wraps_behind_the_temperature)
{
    write({0x00, 0x00, 0x30, 0x12});
    EXPECT_EQ(from(0x11, 5), (bytes{0x19, 0x40, 0x00, 0x30, 0x12}));
    EXPECT_EQ(read_bytes(bus_, test::ds3231, 1), bytes{0x04}) << "and stays behind what was read";
    write({0x12, 0xff, 0x05});
    EXPECT_EQ(from(0x00, 1), bytes{0x05});
}

TEST_F(ds3231, a_date_that_does_not_exist_does_no_harm)
{
    write({0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
    for (const auto byte : time())
        EXPECT_NE(byte, 0xff);
    write({0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00});
    EXPECT_EQ(time(), (bytes{0x00, 0x00, 0x00, 0x01, 0x01, 0x01, 0x00}));
}

} // namespace
