// `i2cbus recover`, as far as it goes without lines that can be moved. With them:
// tests/kernel/suites/i2cbus.sh.
#include "i2cbus.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

namespace {

using namespace test::i2cbus;
using nlohmann::json;
using test::made_up_machine;
using test::outcome;
using test::sim_name;

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

} // namespace
