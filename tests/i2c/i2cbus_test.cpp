// The program i2cbus, as a process: its usage, `list`, `run`, completion.
#include "i2cbus.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

using namespace test::i2cbus;
using nlohmann::json;
using test::child;
using test::made_up_machine;
using test::outcome;
using test::sim_name;

std::size_t longest_line(const std::string& text)
{
    std::istringstream lines{text};
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);)
        longest = std::max(longest, line.size());
    return longest;
}

TEST(i2cbus, help_fits_80_columns_and_shows_three_examples)
{
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"--help"}, {"list", "--help"}, {"run", "--help"}, {"doctor", "-h"}, {"recover", "-h"}}) {
        const auto help = run(arguments);
        EXPECT_EQ(help.exit_code, 0);
        EXPECT_LE(longest_line(help.output), 80U);
        const auto examples = help.output.find("examples:");
        ASSERT_NE(examples, std::string::npos) << help;
        EXPECT_EQ(
            std::count(help.output.begin() + static_cast<std::ptrdiff_t>(examples), help.output.end(), '\n'),
            4);
    }
    EXPECT_EQ(run({"--version"}), (outcome{"i2cbus " RESOURCELOCK_VERSION "\n", 0}));
}

TEST(i2cbus, wrong_usage_is_said_in_one_line_with_exit_code_64)
{
    const sim_name sim;
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {},
             {"frob"},
             {"run"},
             {"run", sim.bus()},
             {"run", sim.bus(), "-w", "x", "--", "true"},
             {"run", sim.bus(), "-w", "-1", "--", "true"},
             {"run", "", "--", "true"},
             {"run", "sim:", "--", "true"},
             {"run", "no adapter is called that", "--", "true"},
             {"run", "/dev/null", "--", "true"},
             {"doctor"},
             {"doctor", sim.bus(), "more"},
             {"doctor", "sim:bad name"},
             {"doctor", "1048576"},
             {"recover", "-y"},
             {"list", "-o", "COLOUR"},
             {"list", "list"},
             {"list", "doctor", sim.bus()},
         }) {
        const auto result = run(arguments);
        EXPECT_EQ(result.exit_code, 64) << testing::PrintToString(arguments) << result;
        EXPECT_TRUE(result.output.starts_with("i2cbus: ")) << result;
        EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1) << result;
    }
}

TEST(i2cbus_list, names_bus_adapter_root_lock_and_holder)
{
    const sim_name sim;
    use(sim);
    EXPECT_TRUE(says(run({"list"}), "BUS"));
    const auto row = [&] {
        const auto buses = json::parse(run({"list", "-J"}).output).at("buses");
        for (const auto& found : buses)
            if (found.at("bus") == sim.bus())
                return found;
        return json{};
    };
    EXPECT_EQ(row(), (json{{"bus", sim.bus()},
                           {"adapter", "simulated bus"},
                           {"root", nullptr},
                           {"lock", sim.lock()},
                           {"holder", nullptr}}));
    const auto holder = holder_of(sim);
    EXPECT_EQ(row().at("holder"), (json{{"pid", holder.pid()}, {"program", "i2cbus"}, {"state", "held"}}));
    EXPECT_TRUE(says(run({"list"}), ' ' + std::to_string(holder.pid()) + " i2cbus\n"));
    EXPECT_TRUE(says(run({"list", "-n", "-o", "BUS,HOLDER"}), sim.bus()));
    EXPECT_TRUE(does_not_say(run({"list", "-o", "BUS,HOLDER"}), "ADAPTER"));
}

TEST(i2cbus_list, shows_the_root_of_a_multiplexers_channel_and_its_lock)
{
    if (!can_mount())
        GTEST_SKIP() << "needs root, for a /sys of its own";
    const made_up_machine pi;
    const auto buses = json::parse(run_on(pi, {"list", "-J"}).output).at("buses");
    const auto channel =
        std::ranges::find_if(buses, [](const auto& bus) { return bus.at("bus") == "/dev/i2c-21"; });
    ASSERT_NE(channel, buses.end()) << buses;
    EXPECT_EQ(channel->at("root"), 1);
    EXPECT_EQ(channel->at("lock"), "i2c-1");
    EXPECT_EQ(channel->at("adapter"), "i2c-12-mux (chan_id 0)");
}

TEST(i2cbus_list, a_closed_pipe_is_no_error)
{
    const sim_name sim;
    use(sim);
    for (const std::string& command : std::vector<std::string>{
             "list", "list -J", "doctor " + sim.bus(), "doctor -J " + sim.bus(), "--help", "run --help"})
        EXPECT_EQ(test::run({"bash", "-c", "exec 3> >(:); wait $!; " I2CBUS " " + command + " >&3; echo $?"}),
                  (outcome{"0\n", 0}))
            << command;
}

TEST(i2cbus_run, ends_as_the_command_does)
{
    const sim_name sim;
    EXPECT_EQ(run({"run", sim.bus(), "--", "sh", "-c", "echo out; exit 7"}), (outcome{"out\n", 7}));
    EXPECT_EQ(run({"run", sim.bus(), "--", "sh", "-c", "kill -9 $$"}).exit_code, 128 + SIGKILL);
    EXPECT_EQ(run({"run", sim.bus(), "--", "/no/such/command"}).exit_code, 69);
    EXPECT_EQ(run({"run", sim.bus(), "-w", "2", "--", "printf", "%s|", "-w", "--", "a b"}).output,
              "-w|--|a b|");
    EXPECT_EQ(run({"run", sim.bus(), "--", "printf", "%s|", "[a,b]", "", "a,b"}).output, "[a,b]||a,b|");
    EXPECT_EQ(run({"run", sim.bus(), "-w", "2", "printf", "%s|", "-y", "--", "1"}).output, "-y|--|1|");
    const auto unknown = run({"run", sim.bus(), "-n", "--", "true"});
    EXPECT_EQ(unknown.exit_code, 64);
    EXPECT_TRUE(says(unknown, "run has no option '-n'"));
}

TEST(i2cbus_run, holds_the_bus_meanwhile_and_not_after)
{
    const sim_name sim;
    auto first = holder_of(sim);
    const auto second = run({"run", sim.bus(), "-w", "0.05", "--", "echo", "not reached"});
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_TRUE(says(second, "i2cbus, pid " + std::to_string(first.pid())));
    EXPECT_TRUE(says(second, "sh -c 'echo held; exec sleep 100'")) << "as it can be typed";
    EXPECT_TRUE(does_not_say(second, "not reached"));
    EXPECT_EQ(std::count(second.output.begin(), second.output.end(), '\n'), 1) << second;
    std::error_code error;
    resourcelock::i2c_bus bus{sim.bus(), {.timeout = std::chrono::milliseconds{10}}};
    static_cast<void>(bus.read_byte(0x49, error));
    EXPECT_EQ(error, resourcelock::i2c_errc::lock_timeout);

    first.signal(SIGTERM);
    EXPECT_EQ(first.wait(), 128 + SIGTERM) << "passed on to the command";
    EXPECT_EQ(run({"run", sim.bus(), "-w", "5", "--", "true"}).exit_code, 0);
}

TEST(i2cbus_run, says_that_somebody_released_the_lock_meanwhile)
{
    const sim_name sim;
    const auto freed = run({"run", sim.bus(), "--", RESOURCELOCK, sim.lock(), "unget"});
    EXPECT_EQ(freed.exit_code, 0);
    EXPECT_TRUE(says(freed, "somebody released or removed lock <" + sim.lock() + ">")) << freed;
}

TEST(i2cbus_run, a_signal_ends_the_wait)
{
    const sim_name sim;
    const auto holder = holder_of(sim);
    for (const int number : {SIGINT, SIGTERM}) {
        auto waiter = child::of({"sh", "-c", "echo starting; exec \"$@\"", "sh", I2CBUS, "run", sim.bus(),
                                 "--", "echo", "not reached"},
                                true);
        EXPECT_EQ(waiter.line(), "starting");
        while (test::run({"sh", "-c",
                          "grep -c sem." + sim.lock() + " /proc/" + std::to_string(waiter.pid()) + "/maps"})
                   .output == "0\n")
            usleep(1000);
        waiter.signal(number);
        EXPECT_EQ(waiter.wait(), 128 + number);
    }
}

/// What bash offers behind this line.
std::string completed(const std::string& line)
{
    const auto folder = std::filesystem::path{I2CBUS}.parent_path().string();
    auto result = test::run({"bash", "-c",
                             "PATH=" + folder +
                                 ":$PATH; . " COMPLETION "; COMP_LINE=$0 COMP_POINT=${#0} _i2cbus; "
                                 "printf '%s\\n' \"${COMPREPLY[@]}\"",
                             line});
    return result.output;
}

TEST(i2cbus_completion, offers_commands_options_and_the_buses_that_there_are)
{
    const sim_name sim;
    use(sim);
    EXPECT_EQ(completed("i2cbus re"), "recover\n");
    EXPECT_EQ(completed("i2cbus recover --y"), "--yes\n");
    EXPECT_EQ(completed("i2cbus list --output HO"), "HOLDER\n");
    EXPECT_EQ(completed("i2cbus list -o BUS,HO"), "BUS,HOLDER\n");
    const auto name = sim.bus().substr(4);
    EXPECT_EQ(completed("i2cbus doctor " + sim.bus().substr(0, 3)).find("sim:"), 0U);
    EXPECT_EQ(completed("i2cbus doctor " + sim.bus()), name + "\n")
        << "readline has what is before the colon";
    EXPECT_EQ(completed("i2cbus list --output=BUS,HO"), "BUS,HOLDER\n")
        << "readline has what is before the =";
    EXPECT_TRUE(completed("i2cbus run 1 -- unshar").starts_with("unshare\n"));
    EXPECT_TRUE(completed("i2cbus run 1 -w 5 unshar").starts_with("unshare\n"));
    EXPECT_TRUE(completed("i2cbus run --timeout=5 1 unshar").starts_with("unshare\n"));
}

} // namespace
