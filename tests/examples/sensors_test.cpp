// The programs that read a sensor, on a simulated bus.
#include "outcome.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

using test::run;
using test::sim_name;

namespace {

void expect_one_line_with(const test::outcome& result, const std::string& said)
{
    EXPECT_EQ(std::ranges::count(result.output, '\n'), 1) << result;
    EXPECT_NE(result.output.find(said), std::string::npos) << result;
}

} // namespace

TEST(sht31, measures_temperature_and_humidity)
{
    const sim_name sim;
    const auto result = run({SHT31, "--bus", sim.bus()});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_TRUE(std::regex_match(result.output, std::regex{R"(-?\d+\.\d\d C, \d+\.\d\d %RH\n)"})) << result;
}

TEST(sht31, prints_one_line_of_json)
{
    const sim_name sim;
    const auto result = run({SHT31, "--bus", sim.bus(), "--json"});
    EXPECT_EQ(result.exit_code, 0);
    expect_one_line_with(result, sim.bus());
    const auto json = nlohmann::json::parse(result.output);
    EXPECT_GT(json.at("temperature_c").get<double>(), -40);
    EXPECT_LT(json.at("temperature_c").get<double>(), 125);
    EXPECT_GE(json.at("relative_humidity_percent").get<double>(), 0);
    EXPECT_LE(json.at("relative_humidity_percent").get<double>(), 100);
}

TEST(ads1115, measures_a_voltage_on_each_input)
{
    const sim_name sim;
    const auto result = run({ADS1115, "--bus", sim.bus()});
    EXPECT_EQ(result.exit_code, 0);
    const std::regex pattern{R"(AIN0 \d\.\d{4} V, AIN1 \d\.\d{4} V, AIN2 \d\.\d{4} V, AIN3 \d\.\d{4} V\n)"};
    EXPECT_TRUE(std::regex_match(result.output, pattern)) << result;
}

TEST(ads1115, prints_one_line_of_json)
{
    const sim_name sim;
    const auto result = run({ADS1115, "--bus", sim.bus(), "--json"});
    EXPECT_EQ(result.exit_code, 0);
    expect_one_line_with(result, sim.bus());
    auto volts = nlohmann::json::parse(result.output).at("volts").get<std::vector<double>>();
    ASSERT_EQ(volts.size(), 4U);
    std::ranges::sort(volts);
    EXPECT_EQ(std::ranges::adjacent_find(volts), volts.end()) << "each input has its own voltage";
}

TEST(tmp105, does_not_take_another_device_for_its_own)
{
    const sim_name sim; // with an ADS1115 at the same address
    const auto result = run({TMP105, "--bus", sim.bus()});
    EXPECT_EQ(result.exit_code, 1);
    expect_one_line_with(result, "no TMP105 found: another device answers at address 0x48");
}

class every_sensor_program : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(examples, every_sensor_program, testing::Values(TMP105, SHT31, ADS1115, EEPROM),
                         [](const auto& instance) {
                             return instance.param.substr(instance.param.rfind('/') + 1);
                         });

TEST_P(every_sensor_program, says_that_there_is_no_such_bus)
{
    const auto result = run({GetParam(), "--bus", "/dev/i2c-none"});
    EXPECT_EQ(result.exit_code, 1);
    expect_one_line_with(result, "/dev/i2c-none");
}

TEST_P(every_sensor_program, says_who_holds_the_bus)
{
    const sim_name sim;
    run({RESOURCELOCK, sim.lock(), "get", "-m", "firmware update"});
    const auto result = run({GetParam(), "--bus", sim.bus()});
    EXPECT_EQ(result.exit_code, 1);
    expect_one_line_with(result, "firmware update");
}

TEST_P(every_sensor_program, refuses_wrong_usage_in_one_line)
{
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{"--bus"},
                                               {"--jason"},
                                               {"more"},
                                               {"--json", "1"},
                                               {"-x"},
                                               {"--bus", "sim:a", "--bus", "sim:b"}}) {
        std::vector<std::string> command{GetParam()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto result = run(command);
        EXPECT_EQ(result.exit_code, 64) << result;
        expect_one_line_with(result, "--help");
    }
}

TEST_P(every_sensor_program, explains_its_options)
{
    const auto result = run({GetParam(), "--help"});
    EXPECT_EQ(result.exit_code, 0);
    for (const std::string expected : {"--bus", "sim:NAME", "--json", "Exit codes"})
        EXPECT_NE(result.output.find(expected), std::string::npos) << result;
}
