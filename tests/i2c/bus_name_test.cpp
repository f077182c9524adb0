#include "bus_name.hpp"
#include "made_up_machine.hpp"
#include "sysfs.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using namespace resourcelock;
using machine = test::made_up_machine;

system_roots roots_of(const machine& pi) { return {pi.dev(), pi.sys()}; }

TEST(bus_name, a_numbers_text_must_be_whole)
{
    EXPECT_EQ(sysfs::number_in_name("i2c-0"), 0);
    EXPECT_EQ(sysfs::number_in_name("i2c-42"), 42);
    for (const auto* const name : {"", "i2c", "i2c-", "i2c-x", "i2c-1x", "i2c--1", "i2c-+1", "xi2c-1",
                                   "i2c-dev", "i2c-99999999999999999999"})
        EXPECT_EQ(sysfs::number_in_name(name), std::nullopt) << name;
}

TEST(bus_name, the_root_of_a_multiplexers_channel_is_the_adapter_at_the_wires)
{
    const machine pi;
    for (const int number : {1, 11, 12, 21}) {
        const auto root = sysfs::find_root(number, pi.sys());
        ASSERT_TRUE(root) << number;
        EXPECT_EQ(root->number, 1) << number;
    }
}

TEST(bus_name, a_platform_device_called_like_an_adapter_is_none)
{
    const machine pi;
    const auto root = sysfs::find_root(7, pi.sys());
    ASSERT_TRUE(root);
    EXPECT_EQ(root->number, 7);
}

TEST(bus_name, an_adapter_that_sysfs_does_not_know_has_no_root)
{
    const machine pi;
    EXPECT_FALSE(sysfs::find_root(3, pi.sys()));
    EXPECT_FALSE(sysfs::find_root(1, "/nonexistent"));
}

TEST(bus_name, the_clock_is_the_root_adapters)
{
    const machine pi;
    EXPECT_EQ(sysfs::find_root(21, pi.sys())->clock_hz, std::nullopt) << "not told";
    pi.set_clock("devices/platform/soc/3f804000.i2c/i2c-1", std::string{"\x00\x06\x1a\x80", 4});
    EXPECT_EQ(sysfs::find_root(21, pi.sys())->clock_hz, 400'000U);
    pi.set_clock("devices/platform/soc/3f804000.i2c/i2c-1", std::string{"\x00\x00\x00\x00", 4});
    EXPECT_EQ(sysfs::find_root(1, pi.sys())->clock_hz, std::nullopt);
    pi.set_clock("devices/platform/soc/3f804000.i2c/i2c-1", "x");
    EXPECT_EQ(sysfs::find_root(1, pi.sys())->clock_hz, std::nullopt);
}

TEST(bus_name, a_name_that_several_adapters_have_is_refused)
{
    const machine pi;
    EXPECT_EQ(sysfs::adapters_called("bcm2835 (i2c@7e804000)", pi.sys()), std::vector{1});
    EXPECT_EQ(sysfs::adapters_called("bcm2835", pi.sys()), std::vector<int>{});
    try {
        identify_bus("same name", roots_of(pi));
        FAIL() << "nothing thrown";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), i2c_errc::bad_bus);
        EXPECT_NE(std::string{error.what()}.find("(7, 8)"), std::string::npos) << error.what();
    }
}

TEST(bus_name, every_spelling_of_a_bus_leads_to_the_same_lock)
{
    const machine pi;
    if (!pi.make_node("i2c-1", 89, 1) || !pi.make_node("i2c-21", 89, 21))
        GTEST_SKIP() << "device nodes can be made by root only";
    fs::create_symlink(pi.dev() / "i2c-1", pi.dev() / "sensors");
    fs::create_hard_link(pi.dev() / "i2c-1", pi.dev() / "i2c-5");
    const auto dev = pi.dev().string();
    for (const std::string& name :
         {std::string{"1"}, std::string{"01"}, std::string{"bcm2835 (i2c@7e804000)"}, dev + "/i2c-1",
          dev + "/../dev//i2c-1", dev + "/sensors", dev + "/i2c-5"}) {
        const auto bus = identify_bus(name, roots_of(pi));
        EXPECT_EQ(bus.number, 1) << name;
        EXPECT_EQ(bus.lock_name, "i2c-1") << name;
    }
    EXPECT_EQ(identify_bus(dev + "/sensors", roots_of(pi)).name, dev + "/i2c-1");
    const auto behind_multiplexers = identify_bus("21", roots_of(pi));
    EXPECT_EQ(behind_multiplexers.number, 21);
    EXPECT_EQ(behind_multiplexers.lock_name, "i2c-1");
}

TEST(bus_name, where_sysfs_has_no_entry_the_node_tells_the_number)
{
    const machine pi;
    if (!pi.make_node("i2c-3", 89, 4) || !pi.make_node("i2c-9", 240, 0) || !pi.make_node("other", 240, 1))
        GTEST_SKIP() << "device nodes can be made by root only";
    EXPECT_EQ(identify_bus("3", roots_of(pi)).lock_name, "i2c-4") << "the device, not its name";
    EXPECT_EQ(identify_bus("9", roots_of(pi)).lock_name, "i2c-9") << "provided by a program (CUSE)";
    EXPECT_THROW(identify_bus(pi.dev().string() + "/other", roots_of(pi)), std::system_error);
}

TEST(bus_name, an_adapter_without_a_node_is_known_by_what_sysfs_tells)
{
    const machine pi;
    pi.set_clock("devices/platform/soc/3f804000.i2c/i2c-1", std::string{"\x00\x06\x1a\x80", 4});
    const auto bus = known_to_kernel(21, roots_of(pi));
    EXPECT_EQ(bus.name, pi.dev().string() + "/i2c-21");
    EXPECT_EQ(bus.number, 21);
    EXPECT_EQ(bus.lock_name, "i2c-1");
    EXPECT_EQ(bus.clock_hz, 400'000U);
    EXPECT_EQ(bus.adapter_name, "i2c-12-mux (chan_id 0)");
}

TEST(bus_name, whoever_may_use_the_node_may_use_the_lock)
{
    const machine pi;
    if (geteuid() != 0 || !pi.make_node("i2c-1", 89, 1))
        GTEST_SKIP() << "device nodes can be made by root only";
    const auto lock_for = [&](mode_t mode, gid_t group) {
        EXPECT_EQ(chown((pi.dev() / "i2c-1").c_str(), 0, group), 0);
        EXPECT_EQ(chmod((pi.dev() / "i2c-1").c_str(), mode), 0);
        return identify_bus("1", roots_of(pi)).lock;
    };
    EXPECT_EQ(lock_for(0660, 998).mode, 0660U);
    EXPECT_EQ(lock_for(0660, 998).group, 998U);
    EXPECT_EQ(lock_for(0660, getegid()).group, std::nullopt) << "files get it anyway";
    EXPECT_EQ(lock_for(0666, 998).mode, 0666U);
    EXPECT_EQ(lock_for(0666, 998).group, std::nullopt) << "everybody may";
    EXPECT_EQ(lock_for(0600, 998).group, std::nullopt) << "the group may not";
    EXPECT_EQ(lock_for(0000, 998).mode, 0600U);
    EXPECT_EQ(lock_for(01777, 998).mode, 0666U) << "nobody executes a lock";
}

TEST(bus_name, the_driver_of_an_owned_address_is_found)
{
    const machine pi;
    const auto device = pi.sys() / "bus/i2c/devices/1-0068";
    fs::create_directories(device);
    EXPECT_EQ(sysfs::driver_of(1, 0x68, pi.sys()), "");
    fs::create_symlink("../../drivers/rtc-ds1307", device / "driver");
    EXPECT_EQ(sysfs::driver_of(1, 0x68, pi.sys()), "rtc-ds1307");
    EXPECT_EQ(sysfs::driver_of(1, 0x69, pi.sys()), "");
}

} // namespace
