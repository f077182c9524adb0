// What all programs do that read a sensor, on a simulated bus.
#include "outcome.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

using resourcelock::sim_control;
using resourcelock::sim_fault;
using test::child;
using test::run;
using test::sim_name;

namespace {

using words = std::vector<std::string>;

void expect_one_line_with(const test::outcome& result, const std::string& said)
{
    EXPECT_EQ(std::ranges::count(result.output, '\n'), 1) << result;
    EXPECT_NE(result.output.find(said), std::string::npos) << result;
}

words lines_of(const std::string& text)
{
    words lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

void expect_free(const sim_name& sim)
{
    const auto [output, exit_code] = run({RESOURCELOCK, sim.lock(), "get", "-t", "0"});
    EXPECT_EQ(exit_code, 0) << output;
}

/// Whether the program prints a line with this before the deadline; others before it do not count.
bool comes(child& program, const std::string& part)
{
    const auto end = std::chrono::steady_clock::now() + test::deadline;
    auto line = program.line();
    while (line && line->find(part) == std::string::npos && std::chrono::steady_clock::now() < end)
        line = program.line();
    return line && line->find(part) != std::string::npos;
}

/// A program, what it needs on a simulated bus, and what it measures.
struct sensor {
    std::string program;
    words options;
    words members;

    [[nodiscard]] words on(const sim_name& sim, const words& more = {}) const
    {
        words command{program, "--bus", sim.bus()};
        command.insert(command.end(), options.begin(), options.end());
        command.insert(command.end(), more.begin(), more.end());
        return command;
    }
    friend std::ostream& operator<<(std::ostream& out, const sensor& value) { return out << value.program; }
};

const sensor sht31{SHT31, {}, {"temperature_c", "relative_humidity_percent"}};

std::string name_of(const std::string& program) { return program.substr(program.rfind('/') + 1); }

} // namespace

class every_sensor_program : public testing::TestWithParam<sensor> {};

INSTANTIATE_TEST_SUITE_P(
    examples, every_sensor_program,
    testing::Values(sensor{BME280, {}, {"temperature_c", "pressure_pa", "relative_humidity_percent"}},
                    sensor{DS3231, {}, {"clock_time", "clock_had_stopped", "temperature_c"}},
                    sensor{TMP105, {"--address", "0x49"}, {"temperature_c"}}, sht31,
                    sensor{ADS1115, {}, {"volts"}}),
    [](const auto& instance) { return name_of(instance.param.program); });

TEST_P(every_sensor_program, prints_lines_of_json)
{
    const sim_name sim;
    const auto result = run(GetParam().on(sim, {"--json", "--count", "2", "--interval", "0.01"}));
    EXPECT_EQ(result.exit_code, 0);
    const auto lines = lines_of(result.output);
    ASSERT_EQ(lines.size(), 2U) << result;
    for (const auto& line : lines) {
        const auto json = nlohmann::ordered_json::parse(line);
        words members{"time", "bus"};
        members.insert(members.end(), GetParam().members.begin(), GetParam().members.end());
        words found;
        for (const auto& [name, value] : json.items())
            found.push_back(name);
        EXPECT_EQ(found, members);
        EXPECT_EQ(json.at("bus"), sim.bus());
        EXPECT_TRUE(std::regex_match(json.at("time").get<std::string>(),
                                     std::regex{R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"}))
            << line;
    }
}

TEST_P(every_sensor_program, measures_as_often_as_asked)
{
    const sim_name sim;
    const auto start = std::chrono::steady_clock::now();
    const auto result = run(GetParam().on(sim, {"--count", "3", "--interval", "0.05"}));
    const auto passed = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(lines_of(result.output).size(), 3U) << result;
    EXPECT_GE(passed, std::chrono::milliseconds{100}); // two intervals
    EXPECT_LT(passed, std::chrono::seconds{20});
}

TEST_P(every_sensor_program, ends_cleanly_when_asked_to)
{
    std::signal(SIGINT, SIG_DFL); // whatever started the tests may ignore it, and they would pass it on
    for (const int signal : {SIGINT, SIGTERM})
        for (const std::string interval : {"0.001", "86400"}) {
            const sim_name sim;
            auto program = child::of(GetParam().on(sim, {"--interval", interval}), true);
            ASSERT_TRUE(program.line());
            program.signal(signal);
            EXPECT_EQ(program.wait(), 0);
            EXPECT_EQ(program.rest().find(name_of(GetParam().program) + ":"), std::string::npos);
            expect_free(sim);
        }
}

TEST_P(every_sensor_program, goes_on_after_a_failure)
{
    const sim_name sim;
    sim_control control{sim.bus()};
    run(GetParam().on(sim));
    // in the last step of the second of three readings
    const auto steps = static_cast<unsigned>(control.transactions());
    control.add_fault({.error = EREMOTEIO, .after = steps});
    const auto result = run(GetParam().on(sim, {"--count", "3", "--interval", "0.01"}));
    EXPECT_EQ(result.exit_code, 1);
    const auto lines = lines_of(result.output);
    ASSERT_EQ(lines.size(), 3U) << result;
    const auto device = name_of(GetParam().program) + ": no ";
    EXPECT_EQ(std::ranges::count_if(lines, [&](const auto& line) { return line.starts_with(device); }), 1)
        << result;
    expect_free(sim);
}

class every_program : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(examples, every_program,
                         testing::Values(BME280, DS3231, TMP105, SHT31, ADS1115, EEPROM),
                         [](const auto& instance) { return name_of(instance.param); });

TEST_P(every_program, says_that_there_is_no_such_bus)
{
    const auto result = run({GetParam(), "--bus", "/dev/i2c-none"});
    EXPECT_EQ(result.exit_code, 1);
    expect_one_line_with(result, "/dev/i2c-none");
}

TEST_P(every_program, says_who_holds_the_bus)
{
    const sim_name sim;
    run({RESOURCELOCK, sim.lock(), "get", "-m", "firmware update"});
    const auto result = run({GetParam(), "--bus", sim.bus()});
    EXPECT_EQ(result.exit_code, 1);
    expect_one_line_with(result, "firmware update");
}

TEST_P(every_program, refuses_wrong_usage_in_one_line)
{
    for (const auto& arguments : std::vector<words>{{"--bus"},
                                                    {"--jason"},
                                                    {"more"},
                                                    {"--json", "1"},
                                                    {"-x"},
                                                    {"--bus", "sim:a", "--bus", "sim:b"},
                                                    {"--interval", "0"},
                                                    {"--interval", "-1"},
                                                    {"--interval", "nan"},
                                                    {"--interval", "inf"},
                                                    {"--interval", "1e9"},
                                                    {"--interval", "1e999"},
                                                    {"--interval", "soon"},
                                                    {"--interval"},
                                                    {"--count", "0"},
                                                    {"--count", "-1"},
                                                    {"--count", "nan"},
                                                    {"--count", "inf"},
                                                    {"--count", "1.5"},
                                                    {"--count", "10000000000"},
                                                    {"--count", "99999999999999999999"}}) {
        words command{GetParam()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto result = run(command);
        EXPECT_EQ(result.exit_code, 64) << result;
        expect_one_line_with(result, "--help");
    }
}

TEST_P(every_program, explains_its_options)
{
    const auto result = run({GetParam(), "--help"});
    EXPECT_EQ(result.exit_code, 0);
    for (const std::string expected : {"--bus", "sim:NAME", "--json", "Exit codes"})
        EXPECT_NE(result.output.find(expected), std::string::npos) << result;
    const bool is_sensor = GetParam() != EEPROM;
    for (const std::string expected : {"--interval", "--count"})
        EXPECT_EQ(result.output.find(expected) != std::string::npos, is_sensor) << result;
}

TEST_P(every_program, says_that_nobody_reads_what_it_prints)
{
    const sim_name sim;
    words command{"bash",   "-c",       R"(exec 3> >(:); wait $!; "$@" >&3; echo "exit code $?")",
                  "bash",   GetParam(), "--bus",
                  sim.bus()};
    if (GetParam() != EEPROM)
        command.insert(command.end(), {"--interval", "0.01"});
    if (GetParam() == TMP105)
        command.insert(command.end(), {"--address", "0x49"});
    const auto result = run(command);
    EXPECT_NE(result.output.find("cannot write to the standard output"), std::string::npos) << result;
    EXPECT_NE(result.output.find("exit code 1\n"), std::string::npos) << result;
}

TEST(sensor_program, measures_once_a_second_when_only_the_count_is_given)
{
    const sim_name sim;
    const auto start = std::chrono::steady_clock::now();
    const auto result = run(sht31.on(sim, {"--count", "2"}));
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.output, "25.00 C, 50.00 %RH\n25.00 C, 50.00 %RH\n");
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds{1});
}

TEST(sensor_program, keeps_ignoring_what_its_parent_told_it_to)
{
    const sim_name sim;
    words command{"bash", "-c", R"(trap '' INT; exec "$@")", "bash"};
    const auto rest = sht31.on(sim, {"--interval", "0.001"});
    command.insert(command.end(), rest.begin(), rest.end());
    auto program = child::of(command);
    ASSERT_TRUE(program.line());
    program.signal(SIGINT);
    for (int line = 0; line < 5; ++line)
        EXPECT_TRUE(program.line());
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(), 0);
}

TEST(sensor_program, waits_for_its_turn_and_goes_on_when_the_bus_was_held_for_too_long)
{
    const sim_name sim;
    auto program = child::of(sht31.on(sim, {"--interval", "0.001"}), true);
    ASSERT_TRUE(program.line());
    ASSERT_EQ(run({RESOURCELOCK, sim.lock(), "get", "-m", "firmware update"}).exit_code, 0);
    EXPECT_TRUE(comes(program, "firmware update"));
    run({RESOURCELOCK, sim.lock(), "unget"});
    EXPECT_TRUE(comes(program, "25.00 C, 50.00 %RH"));
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(), 1) << "one reading failed";
}

TEST(sensor_program, joins_the_others_when_the_lock_was_replaced)
{
    const sim_name sim;
    auto program = child::of(sht31.on(sim, {"--interval", "0.001"}), true);
    ASSERT_TRUE(program.line());
    unlink(sim.info_path().c_str());
    unlink(sim.semaphore_path().c_str());
    EXPECT_TRUE(comes(program, "sht31: "));
    EXPECT_EQ(program.line(), "25.00 C, 50.00 %RH");
    // It has the new lock now: who holds that, keeps it off the bus.
    ASSERT_EQ(run({RESOURCELOCK, sim.lock(), "get", "-m", "firmware update"}).exit_code, 0);
    EXPECT_TRUE(comes(program, "firmware update"));
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait(), 1);
}
