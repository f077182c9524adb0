// `i2cbus doctor`, on simulated buses and on a machine that is made up.
#include "i2cbus.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace test::i2cbus;
using nlohmann::json;
using test::child;
using test::made_up_machine;
using test::sim_name;

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

TEST(i2cbus_doctor, tells_the_clock_of_a_bus_without_a_node)
{
    if (!can_mount())
        GTEST_SKIP() << "needs root, for a /sys of its own";
    const made_up_machine pi;
    pi.set_clock("devices/platform/other/i2c-8", std::string{"\x00\x06\x1a\x80", 4});
    EXPECT_TRUE(says(run_on(pi, {"doctor", "8"}), "clock: 400 kHz\n"));
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

} // namespace
