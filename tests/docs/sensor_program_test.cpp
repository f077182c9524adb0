// The program of docs/sensor-program.md.
#include "child.hpp"
#include "sim_name.hpp"

#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

// Here and not in a namespace, since it begins with #include.
#include "sensor-program.1.inc"

#include "sensor-program.2.inc"

namespace page {
#include "sensor-program.3.inc"
} // namespace page

#include "sensor-program.4.inc"

namespace {

const test::role its_main{"main", [](const std::vector<std::string>& args) {
                              std::string name = "tempmon";
                              std::string bus = args.at(0);
                              std::array<char*, 3> arguments{name.data(), bus.data(), nullptr};
                              return page::main(2, arguments.data());
                          }};

TEST(sensor_program_page, measures_in_one_session)
{
    playback_bus bus{"session { \n w 0x44 24 00 \n r 0x44 66 66 93 80 00 a2 \n }"};
    EXPECT_DOUBLE_EQ(celsius(measure(bus)), 25);
    EXPECT_EQ(bus.report(), "");
}

TEST(sensor_program_page, measures_politely)
{
    const test::sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_DOUBLE_EQ(celsius(measure_politely(bus)), 25);
}

TEST(sensor_program_page, prints_a_line_at_once)
{
    const test::sim_name sim;
    auto program = test::child::in_role("main", {sim.bus()});
    EXPECT_EQ(program.line(), "25.00 C");
}

TEST(sensor_program_page, goes_on_after_a_reading_that_failed)
{
    const test::sim_name sim;
    sim_control control{sim.bus()};
    control.add_fault({.error = EREMOTEIO, .address = 0x44, .count = 1});
    auto program = test::child::in_role("main", {sim.bus()});
    EXPECT_EQ(program.line(test::deadline), "25.00 C") << "the second reading, after the one that failed";
}

TEST(sensor_program_page, asks_without_exceptions)
{
    const test::sim_name sim;
    i2c_bus bus{sim.bus()};
    std::error_code error;
    EXPECT_TRUE(answers(bus, error));
    sim_control{sim.bus()}.add_fault({.error = EREMOTEIO, .address = 0x44});
    EXPECT_FALSE(answers(bus, error));
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
}

} // namespace
