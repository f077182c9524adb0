// The program i2cbus, as a process. On simulated buses, and on a machine that is made up: a /sys of the
// test's own in a mount namespace, and nodes that no driver answers. What needs a kernel with I2C is in
// tests/kernel/suites.
#include "made_up_machine.hpp"
#include "outcome.hpp"
#include "sim_name.hpp"
#include "test_names.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using nlohmann::json;
using test::child;
using test::made_up_machine;
using test::outcome;
using test::sim_name;

namespace {

outcome run(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), I2CBUS);
    return test::run(arguments);
}

/// The program where /sys is that of the made-up machine.
outcome run_on(const made_up_machine& pi, const std::vector<std::string>& arguments)
{
    std::vector<std::string> command{"unshare", "-m",  "sh", "-c", R"(mount --bind "$0" /sys && exec "$@")",
                                     pi.sys(),  I2CBUS};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run(command);
}

bool can_mount() { return test::run({"unshare", "-m", "true"}).exit_code == 0; }

testing::AssertionResult says(const outcome& result, const std::string& text)
{
    if (result.output.find(text) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no \"" << text << "\" in " << result;
}

testing::AssertionResult does_not_say(const outcome& result, const std::string& text)
{
    if (result.output.find(text) == std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << '"' << text << "\" in " << result;
}

/// Simulated buses are on view once somebody has sent something.
void use(const sim_name& sim) { resourcelock::i2c_bus{sim.bus()}.write_quick(0x48, false); }

/// A process that holds the bus, from before this returns.
child holder_of(const sim_name& sim)
{
    auto holder = child::of({I2CBUS, "run", sim.bus(), "--", "sh", "-c", "echo held; exec sleep 100"});
    EXPECT_EQ(holder.line(), "held");
    return holder;
}

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
    EXPECT_TRUE(says(second, "echo held"));
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

TEST(i2cbus_doctor, a_simulated_bus_in_order_is_no_finding)
{
    const sim_name sim;
    const auto result = run({"doctor", sim.bus()});
    EXPECT_EQ(result.exit_code, 0) << result;
    EXPECT_TRUE(says(result, sim.bus() + ": simulated bus\n"));
    EXPECT_TRUE(says(result, "there is no node"));
    EXPECT_TRUE(says(result, "lock <" + sim.lock() + "> "));
    EXPECT_TRUE(says(result, "  lines: in order: "));
    EXPECT_TRUE(says(result, "  nothing is wrong\n"));
    const auto as_json = json::parse(run({"doctor", "-J", sim.bus()}).output);
    EXPECT_EQ(as_json.at("bus"), sim.bus());
    EXPECT_EQ(as_json.at("number"), nullptr);
    EXPECT_EQ(as_json.at("lines").at("state"), "in order");
    EXPECT_EQ(as_json.at("findings"), json::array());
}

TEST(i2cbus_doctor, lines_on_which_nothing_answers_look_stuck)
{
    const sim_name sim;
    resourcelock::sim_control control{sim.bus()};
    control.add_fault({.error = ETIMEDOUT, .count = resourcelock::sim_fault::always});
    const auto result = run({"doctor", sim.bus()});
    EXPECT_EQ(result.exit_code, 1) << result;
    EXPECT_TRUE(says(result, "wrong: a line looks stuck low"));
    EXPECT_TRUE(says(result, "to mend it: "));
    const auto as_json = json::parse(run({"doctor", "-J", sim.bus()}).output);
    EXPECT_EQ(as_json.at("lines").at("state"), "stuck");
    EXPECT_EQ(as_json.at("findings").size(), 1U);
}

TEST(i2cbus_doctor, not_acknowledged_after_a_long_wait_looks_stuck)
{
    const sim_name sim;
    resourcelock::sim_control control{sim.bus()};
    control.add_fault(
        {.error = ENXIO, .delay = std::chrono::milliseconds{200}, .count = resourcelock::sim_fault::always});
    EXPECT_TRUE(says(run({"doctor", sim.bus()}), "look stuck"));
}

TEST(i2cbus_doctor, one_lost_arbitration_or_timeout_is_not_stuck)
{
    const sim_name sim;
    resourcelock::sim_control control{sim.bus()};
    control.add_fault({.error = EAGAIN});
    EXPECT_TRUE(says(run({"doctor", sim.bus()}), "lines: in order"));
    // An adapter that times out where nobody is: what answers shows that the lines work.
    for (const int address : {0x7d, 0x7e, 0x7f})
        control.add_fault({.error = ETIMEDOUT,
                           .address = resourcelock::i2c_address::reserved(address),
                           .count = resourcelock::sim_fault::always});
    EXPECT_TRUE(says(run({"doctor", sim.bus()}), "lines: in order: devices answer"));
}

TEST(i2cbus_doctor, sends_nothing_while_somebody_holds_the_bus)
{
    const sim_name sim;
    const resourcelock::sim_control control{sim.bus()};
    auto holder = holder_of(sim);
    const auto before = control.transactions();
    const auto result = run({"doctor", "-w", "0.05", sim.bus()});
    EXPECT_EQ(result.exit_code, 0) << result;
    EXPECT_TRUE(says(result, "is held by i2cbus (pid " + std::to_string(holder.pid())));
    EXPECT_TRUE(says(result, "lines: not probed: somebody holds the lock; -w SEC waits for it"));
    EXPECT_EQ(control.transactions(), before);
}

TEST(i2cbus_doctor, leaves_a_lock_whose_holder_died_as_it_is)
{
    const sim_name sim;
    auto holder = holder_of(sim);
    holder.kill();
    for (int i = 0; i < 2; ++i) {
        const auto result = run({"doctor", sim.bus()});
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_TRUE(says(result, "wrong: its holder died"));
        EXPECT_TRUE(says(result, "lines: not probed: first its lock is to be mended"));
    }
}

TEST(i2cbus_doctor, of_a_bus_without_a_node_says_how_to_get_one)
{
    const auto result = run({"doctor", "999"});
    EXPECT_EQ(result.exit_code, 1) << result;
    EXPECT_TRUE(says(result, "/dev/i2c-999: no adapter on view"));
    EXPECT_TRUE(says(result, "wrong: the kernel"));
    EXPECT_TRUE(says(result, "lines: not probed: the bus cannot be opened"));
    EXPECT_FALSE(std::filesystem::exists("/dev/shm/i2c-999")) << "it only looks";
    const auto as_json = json::parse(run({"doctor", "/dev/i2c-999", "-J"}).output);
    EXPECT_EQ(as_json.at("number"), 999);
    EXPECT_EQ(as_json.at("node"), nullptr);
    EXPECT_EQ(as_json.at("findings").size(), 1U);
}

TEST(i2cbus_doctor, tells_missing_module_adapter_and_node_apart)
{
    if (!can_mount())
        GTEST_SKIP() << "needs root, for a /sys of its own";
    const made_up_machine pi;
    EXPECT_TRUE(says(run_on(pi, {"doctor", "8"}),
                     "the kernel has the adapter, but /dev/i2c-8 is not its device node"));
    EXPECT_TRUE(says(run_on(pi, {"doctor", "8"}), "--device /dev/i2c-8"));
    EXPECT_TRUE(says(run_on(pi, {"doctor", "3"}), "the kernel has no I2C adapter 3"));
    EXPECT_TRUE(says(run_on(pi, {"doctor", "3"}), "dtparam=i2c_arm=on"));
    std::filesystem::remove_all(pi.sys() / "class");
    EXPECT_TRUE(says(run_on(pi, {"doctor", "3"}), "i2c-dev is not loaded"));
    EXPECT_TRUE(says(run_on(pi, {"doctor", "3"}), "modprobe i2c-dev"));
}

TEST(i2cbus_doctor, tells_driver_clock_root_and_addresses_of_kernel_drivers)
{
    if (!can_mount())
        GTEST_SKIP() << "needs root, for a /sys of its own";
    const made_up_machine pi;
    const std::string soc = "devices/platform/soc/3f804000.i2c";
    pi.set_driver(soc, "i2c-bcm2835");
    pi.set_clock(soc + "/i2c-1", std::string{"\x00\x06\x1a\x80", 4});
    pi.bind_address("21-0068", "rtc-ds1307");
    ASSERT_TRUE(pi.make_node("i2c-21", 89, 21));
    const auto node = (pi.dev() / "i2c-21").string();
    const auto result = run_on(pi, {"doctor", node});
    EXPECT_TRUE(says(result, node + ": i2c-12-mux (chan_id 0), driver i2c-bcm2835\n"));
    EXPECT_TRUE(says(result, "wires: behind a multiplexer, those of bus 1\n"));
    EXPECT_TRUE(says(result, "clock: 400 kHz\n"));
    EXPECT_TRUE(says(result, "addresses of kernel drivers: 0x68 rtc-ds1307\n"));
    EXPECT_TRUE(says(result, "lock <i2c-1> "));
    const auto as_json = json::parse(run_on(pi, {"doctor", "-J", node}).output);
    EXPECT_EQ(as_json.at("root"), 1);
    EXPECT_EQ(as_json.at("clock_hz"), 400'000);
    EXPECT_EQ(as_json.at("kernel_drivers"), (json::array({{{"address", 0x68}, {"driver", "rtc-ds1307"}}})));
}

TEST(i2cbus_doctor, escapes_control_characters_of_others)
{
    if (!can_mount())
        GTEST_SKIP() << "needs root, for a /sys of its own";
    const made_up_machine pi;
    std::ofstream{pi.sys() / "class/i2c-dev/i2c-8/name"} << "evil\033[31m\n";
    for (const auto& result :
         {run_on(pi, {"doctor", "8"}), run_on(pi, {"list"}), run_on(pi, {"doctor", "-J", "8"})}) {
        EXPECT_EQ(result.output.find('\033'), std::string::npos) << result;
        EXPECT_TRUE(says(result, "evil"));
    }
}

/// A node that can be opened, although nothing answers there as an I2C bus: /dev/full under the name of a bus
/// that a program provides, which has another major number.
class provided_bus {
    made_up_machine machine_;

public:
    explicit provided_bus(int number, mode_t mode)
        : lock{"i2c-" + std::to_string(number)}, node{machine_.dev() / lock}
    {
        made = machine_.make_node(lock, 1, 7, mode);
    }
    provided_bus(const provided_bus&) = delete;
    provided_bus& operator=(const provided_bus&) = delete;
    ~provided_bus()
    {
        for (const auto* const prefix : {"/dev/shm/", "/dev/shm/sem."})
            unlink((prefix + lock).c_str());
    }

    std::string lock;
    std::string node;
    bool made = false;
};

TEST(i2cbus_doctor, names_who_has_the_bus_open_without_its_lock)
{
    const provided_bus bus{810'001, 0600};
    if (!bus.made)
        GTEST_SKIP() << "device nodes can be made by root only";
    const std::vector<std::string> reader{"sh", "-c", "exec 3<>" + bus.node + "; echo open; exec sleep 100"};
    auto stranger = child::of(reader);
    EXPECT_EQ(stranger.line(), "open");
    const auto entry = std::to_string(stranger.pid()) + " sleep";
    const auto result = run({"doctor", bus.node});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "  open in: " + entry));
    EXPECT_TRUE(says(result, "open without the bus's lock, so able to disturb the others: " + entry));
    EXPECT_TRUE(says(result, "i2cbus run 810001 -- sleep"));
    const auto blind =
        test::run({"setpriv", "--bounding-set", "-sys_ptrace", I2CBUS, "doctor", "-J", bus.node});
    EXPECT_EQ(json::parse(blind.output).at("open_in_complete"), false)
        << "processes keep their files from it";
    stranger.kill();

    std::vector<std::string> under_lock{I2CBUS, "run", bus.node, "--"};
    under_lock.insert(under_lock.end(), reader.begin(), reader.end());
    auto member = child::of(under_lock);
    EXPECT_EQ(member.line(), "open");
    EXPECT_TRUE(does_not_say(run({"doctor", bus.node}), "open without the bus's lock"));
    EXPECT_TRUE(says(run({"doctor", bus.node}), " sleep"));
}

TEST(i2cbus_doctor, a_lock_that_lets_in_fewer_than_the_node_is_mended_as_it_says)
{
    const provided_bus bus{810'002, 0666};
    if (!bus.made)
        GTEST_SKIP() << "device nodes can be made by root only";
    EXPECT_EQ(run({"run", bus.node, "--", "true"}).exit_code, 0);
    EXPECT_TRUE(does_not_say(run({"doctor", bus.node}), "not all who may open"));
    for (const auto* const prefix : {"/dev/shm/", "/dev/shm/sem."})
        EXPECT_EQ(chmod((prefix + bus.lock).c_str(), 0600), 0);
    const auto result = run({"doctor", bus.node});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "wrong: not all who may open the bus may use its lock"));
    const auto begin = result.output.find("to mend it: ") + 12;
    test::run({"sh", "-c", result.output.substr(begin, result.output.find('\n', begin) - begin)});
    EXPECT_TRUE(does_not_say(run({"doctor", bus.node}), "not all who may open"));
}

TEST(i2cbus_doctor, tells_a_user_how_to_get_at_the_node)
{
    const provided_bus bus{810'003, 0660};
    if (!bus.made)
        GTEST_SKIP() << "device nodes can be made by root only";
    EXPECT_EQ(chown(bus.node.c_str(), 0, 12), 0);
    EXPECT_EQ(chmod(std::filesystem::path{bus.node}.parent_path().parent_path().c_str(), 0755), 0);
    const auto result =
        test::run({"setpriv", "--reuid", "65534", "--clear-groups", I2CBUS, "doctor", bus.node});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "nobody may not open " + bus.node + " (owner root, group man, mode 0660)"));
    EXPECT_TRUE(says(result, "sudo usermod -aG man nobody, then log in again"));
}

TEST(i2cbus_recover, a_simulated_bus_cannot_be_recovered)
{
    const sim_name sim;
    const auto result = run({"recover", sim.bus()});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "cannot: a simulated bus has no lines"));
    EXPECT_EQ(json::parse(run({"recover", "-J", "-y", sim.bus()}).output).at("outcome"), "adapter cannot");
}

TEST(i2cbus_recover, touches_drivers_of_nothing_but_i2c)
{
    if (!can_mount())
        GTEST_SKIP() << "needs root, for a /sys of its own";
    const made_up_machine pi;
    ASSERT_TRUE(pi.make_node("i2c-1", 89, 1) && pi.make_node("i2c-8", 89, 8));
    pi.set_driver("devices/platform/soc/3f804000.i2c", "vc4_hdmi");
    const auto result = run_on(pi, {"recover", "-y", (pi.dev() / "i2c-1").string()});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "cannot: its driver vc4_hdmi is for more than I2C"));
    EXPECT_TRUE(says(run_on(pi, {"recover", "-y", (pi.dev() / "i2c-8").string()}),
                     "cannot: the adapter has no driver that could be unbound"));
}

TEST(i2cbus_recover, needs_root_to_act_and_says_so)
{
    if (!can_mount())
        GTEST_SKIP() << "needs root, for a /sys of its own";
    const made_up_machine pi;
    ASSERT_TRUE(pi.make_node("i2c-1", 89, 1, 0666));
    EXPECT_EQ(chmod(pi.dev().parent_path().c_str(), 0755), 0);
    pi.set_driver("devices/platform/soc/3f804000.i2c", "i2c-bcm2835");
    const auto result =
        test::run({"unshare", "-m", "sh", "-c",
                   "mount --bind \"$0\" /sys && exec setpriv --reuid 65534 --clear-groups \"$@\"", pi.sys(),
                   I2CBUS, "recover", "-y", (pi.dev() / "i2c-1").string()});
    EXPECT_EQ(result.exit_code, 71) << result;
    EXPECT_TRUE(says(result, "sudo i2cbus recover 1 -y"));
}

TEST(i2cbus_recover, a_bus_without_a_node_is_an_error_that_says_what_to_do)
{
    const auto result = run({"recover", "999"});
    EXPECT_EQ(result.exit_code, 71);
    EXPECT_TRUE(says(result, "/dev/i2c-999 does not exist"));
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
