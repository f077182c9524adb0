// Times are BCD, exact; temperatures are quarters of a degree, exact in a double. The oracle is the
// datasheet's description of its registers (19-5170).
#include "ds3231.cpp"

#include "outcome.hpp"
#include "sim_name.hpp"

#include <nlohmann/json.hpp>

#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace {

using namespace std::chrono_literals;

registers with_time(const time_registers& time)
{
    registers bytes{};
    std::ranges::copy(time, bytes.begin());
    return bytes;
}

std::string time_in(const time_registers& time) { return to_text(decode_time(with_time(time))); }

} // namespace

TEST(ds3231, converts_temperatures)
{
    EXPECT_EQ(decode_celsius(0x19, 0x40), 25.25); // the datasheet's example
    EXPECT_EQ(decode_celsius(0x00, 0xc0), 0.75);
    EXPECT_EQ(decode_celsius(0xff, 0xc0), -0.25);
    EXPECT_EQ(decode_celsius(0xe7, 0x00), -25);
    EXPECT_EQ(decode_celsius(0xd8, 0x00), -40);
}

TEST(ds3231, decodes_times)
{
    EXPECT_EQ(time_in({0x56, 0x34, 0x12, 5, 0x01, 0x05, 0x26}), "2026-05-01T12:34:56Z");
    EXPECT_EQ(time_in({0x59, 0x59, 0x23, 4, 0x29, 0x02, 0x28}), "2028-02-29T23:59:59Z");
    EXPECT_EQ(time_in({0x00, 0x00, 0x00, 5, 0x01, 0x81, 0x00}), "2100-01-01T00:00:00Z");
}

TEST(ds3231, decodes_hours_of_twelve)
{
    EXPECT_EQ(hour_of(0x52), 0); // 12 AM
    EXPECT_EQ(hour_of(0x41), 1);
    EXPECT_EQ(hour_of(0x72), 12); // 12 PM
    EXPECT_EQ(hour_of(0x71), 23);
}

TEST(ds3231, encodes_what_it_decodes)
{
    using namespace std::chrono;
    EXPECT_EQ(encode_time(sys_days{2026y / 5 / 1} + 12h + 34min + 56s),
              (time_registers{0x56, 0x34, 0x12, 5, 0x01, 0x05, 0x26})); // a Friday
    for (const auto time : {sys_days{2000y / 1 / 1} + 0s, sys_days{2028y / 2 / 29} + 86399s,
                            sys_days{2099y / 12 / 31} + 86399s, sys_days{2100y / 1 / 1} + 0s})
        EXPECT_EQ(decode_time(with_time(encode_time(time))), time) << to_text(time);
    EXPECT_THROW(encode_time(sys_days{1999y / 12 / 31}), std::runtime_error);
    EXPECT_THROW(encode_time(sys_days{2200y / 1 / 1}), std::runtime_error);
}

TEST(ds3231, does_not_take_another_device_for_its_own)
{
    for (const auto& time : {time_registers{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, time_registers{},
                             time_registers{0x60, 0, 0, 1, 1, 1, 0}, time_registers{0, 0, 0x24, 1, 1, 1, 0},
                             time_registers{0, 0, 0, 1, 0x31, 4, 0}, time_registers{0x0a, 0, 0, 1, 1, 1, 0}})
        EXPECT_THROW(time_in(time), std::runtime_error) << testing::PrintToString(time);
}

TEST(ds3231, reads_all_in_one_transaction)
{
    resourcelock::playback_bus bus{
        "w 0x68 00 ; r 0x68 56 34 12 05 01 05 26 00 00 00 00 00 00 00 1c 80 00 19 40"};
    const auto now = decode(read_all(bus));
    EXPECT_EQ(bus.report(), "");
    EXPECT_EQ(to_text(now.time), "2026-05-01T12:34:56Z");
    EXPECT_TRUE(now.had_stopped);
    EXPECT_EQ(now.celsius, 25.25);
}

TEST(ds3231, changes_one_bit_of_the_status_and_no_alarm)
{
    resourcelock::playback_bus bus{R"(
        session {
            w 0x68 00 xx xx xx xx xx xx xx
            w 0x68 0f ; r 0x68 89
            w 0x68 0f 0b       # 1 leaves the alarms' flags as they are
        })"};
    set_from_system(bus);
    EXPECT_EQ(bus.report(), "");
}

TEST(ds3231, says_that_the_clock_had_stopped_until_it_is_set)
{
    const test::sim_name sim;
    const auto before = test::run({DS3231, "--bus", sim.bus()});
    EXPECT_EQ(before.exit_code, 0);
    EXPECT_TRUE(before.output.starts_with("2026-01-01T00:00:")) << before;
    EXPECT_NE(before.output.find("had stopped"), std::string::npos) << before;
    const auto after = test::run({DS3231, "--bus", sim.bus(), "--set-from-system"});
    EXPECT_EQ(after.exit_code, 0);
    EXPECT_EQ(after.output.find("had stopped"), std::string::npos) << after;
}

TEST(ds3231, has_the_systems_time_when_set)
{
    const test::sim_name sim;
    const auto [output, exit_code] = test::run({DS3231, "--bus", sim.bus(), "--set-from-system", "--json"});
    ASSERT_EQ(exit_code, 0) << output;
    const auto json = nlohmann::json::parse(output);
    EXPECT_EQ(json.at("clock_had_stopped"), false);
    const auto seconds_in = [&json](const char* name) {
        std::tm parts{};
        strptime(json.at(name).get<std::string>().c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
        return timegm(&parts);
    };
    EXPECT_LE(std::abs(seconds_in("clock_time") - seconds_in("time")), 5) << output;
}
