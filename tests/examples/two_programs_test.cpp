// The main job: wrong without a session, right with one.
#include "outcome.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <unistd.h>

using test::child;

namespace {

void expect_no_files_of(pid_t pid)
{
    const auto name = "two-programs-" + std::to_string(pid);
    for (const auto& file : std::filesystem::directory_iterator{"/dev/shm"})
        EXPECT_EQ(file.path().string().find(name), std::string::npos) << file.path();
}

const std::regex as_expected{
    R"([^]*\nwithout session: \d+ readings, [1-9]\d* wrong\nwith session: \d{3,} readings, 0 wrong\n)"};

} // namespace

TEST(two_programs, are_wrong_without_a_session_and_right_with_one)
{
    auto program = child::of({TWO_PROGRAMS}, true);
    const auto output = program.rest();
    EXPECT_EQ(program.wait(), 0) << output;
    EXPECT_TRUE(std::regex_match(output, as_expected)) << output;
    expect_no_files_of(program.pid());
}

TEST(two_programs, run_on_the_bus_they_are_given)
{
    const test::sim_name sim;
    const auto [output, exit_code] = test::run({TWO_PROGRAMS, "--bus", sim.bus(), "--seconds", "1"});
    EXPECT_EQ(exit_code, 0) << output;
    EXPECT_NE(output.find(sim.bus()), std::string::npos) << output;
    EXPECT_TRUE(std::regex_match(output, as_expected)) << output;
}

TEST(two_programs, leave_nothing_behind_when_interrupted)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        auto program = child::of({TWO_PROGRAMS, "--seconds", "1000"}, true);
        program.line();
        program.line(); // both programs are being started
        program.signal(signal);
        EXPECT_EQ(program.line(), "two_programs: interrupted");
        EXPECT_EQ(program.wait(), 1);
        expect_no_files_of(program.pid());
    }
}

TEST(two_programs, log_what_a_timeline_draws)
{
    const test::sim_name sim;
    const auto folder = std::filesystem::temp_directory_path() / ("two-programs-" + std::to_string(getpid()));
    const auto [output, exit_code] =
        test::run({TWO_PROGRAMS, "--bus", sim.bus(), "--seconds", "0.1", "--log", folder});
    EXPECT_EQ(exit_code, 0) << output;
    for (const std::string log :
         {"program-1.log", "program-2.log", "program-1-no-session.log", "program-2-no-session.log"}) {
        const auto [svg, drawn] = test::run({RESOURCELOCK, sim.lock(), "timeline", folder / log});
        EXPECT_EQ(drawn, 0) << log;
        EXPECT_NE(svg.find("<title>holding "), std::string::npos) << log;
        EXPECT_NE(svg.find("<title>waiting "), std::string::npos) << log;
    }
    std::filesystem::remove_all(folder);
}

TEST(two_programs, refuse_wrong_usage)
{
    for (const auto& arguments : std::vector<std::vector<std::string>>{{"--seconds", "0"},
                                                                       {"--seconds", "nan"},
                                                                       {"--seconds", "inf"},
                                                                       {"--seconds", "soon"},
                                                                       {"--no-session"},
                                                                       {"--input", "0"},
                                                                       {"--bus", "sim:x", "--input", "4"},
                                                                       {"more"}}) {
        std::vector<std::string> command{TWO_PROGRAMS};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto result = test::run(command);
        EXPECT_EQ(result.exit_code, 64) << result;
    }
}
