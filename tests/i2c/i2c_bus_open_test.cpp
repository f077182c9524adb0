// Opening a bus: by which names, and what is said where that fails.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"
#include "text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace {

using namespace test;
using resourcelock::bus_options;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::lock_errc;

std::system_error error_of(std::string_view bus, const bus_options& options = {})
{
    try {
        i2c_bus opened{bus, options};
    } catch (const std::system_error& error) {
        return error;
    }
    return std::system_error{std::error_code{}, "nothing thrown"};
}

/// A folder for device nodes.
class scratch {
public:
    scratch()
    {
        char name[] = "/tmp/i2c-test-XXXXXX";
        path = mkdtemp(name);
        std::filesystem::permissions(path, std::filesystem::perms{0755});
    }
    ~scratch() { std::filesystem::remove_all(path); }
    std::string path;
};

TEST(i2c_bus, a_name_of_no_bus_is_refused)
{
    struct {
        std::string_view name;
        const char* advice;
    } const cases[] = {
        {"", "give a number"},
        {std::string_view{"1\0", 2}, "give a number"},
        {"1\n", "give a number"},
        {"\x1b[2J", "give a number"},
        {"1048576", "numbers end at 1048575"},
        {"99999999999999999999999999999999", "numbers end at 1048575"},
        {"i2c-1", "`i2cdetect -l` lists the adapters"},
        {"-1", "`i2cdetect -l` lists the adapters"},
        {" 1", "`i2cdetect -l` lists the adapters"},
        {"1x", "`i2cdetect -l` lists the adapters"},
        {"0x1", "`i2cdetect -l` lists the adapters"},
        {"/dev/null", "not the device node of an I2C bus"},
        {"/dev", "not the device node of an I2C bus"},
        {"/proc/self/exe", "not the device node of an I2C bus"},
    };
    for (const auto& [name, advice] : cases) {
        const auto error = error_of(name);
        EXPECT_EQ(error.code(), i2c_errc::bad_bus) << name;
        EXPECT_TRUE(has(error.what(), advice)) << error.what();
        EXPECT_FALSE(has(error.what(), "\n")) << error.what();
        EXPECT_FALSE(has(error.what(), "\x1b")) << error.what();
    }
}

TEST(i2c_bus, no_name_carries_characters_to_a_terminal_that_steer_it)
{
    for (const std::string steering : {"\x1b", "\x7f", "\xc2\x9b", "\x9b"})
        for (const auto& name :
             {steering, "sim:" + steering, "/dev/i2c-" + steering, "adapter " + steering + "2J"}) {
            const auto error = error_of(name);
            EXPECT_EQ(error.code(), i2c_errc::bad_bus) << error.what();
            EXPECT_FALSE(has(error.what(), steering)) << error.what();
        }
    EXPECT_TRUE(has(error_of("M\xc3\xbcller").what(), "no I2C adapter is called 'M\xc3\xbcller'"));
}

TEST(i2c_bus, a_bus_that_does_not_exist_says_how_to_enable_it)
{
    for (const auto* const name : {"4242", "/dev/i2c-4242"}) {
        const auto error = error_of(name);
        EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
        EXPECT_TRUE(has(error.what(),
                        "/dev/i2c-4242 does not exist: enable I2C (dtparam=i2c_arm=on in "
                        "/boot/firmware/config.txt, or raspi-config) and load the module: modprobe i2c-dev"))
            << error.what();
    }
    EXPECT_EQ(error_of("/dev/null/i2c-1").code(), std::errc::not_a_directory);
    EXPECT_EQ(error_of("/" + std::string(5000, 'a')).code(), std::errc::filename_too_long);
}

const role open_as_nobody{"i2c_bus.open_as_nobody", [](const std::vector<std::string>& args) {
                              if (setgid(65534) != 0 || setuid(65534) != 0)
                                  return 1;
                              say(error_of(args.at(0)).what());
                              return 0;
                          }};

TEST(i2c_bus, a_node_without_permission_says_who_may)
{
    const scratch folder;
    const auto node = folder.path + "/i2c-4242";
    if (mknod(node.c_str(), S_IFCHR | 0660, makedev(89, 4242)) != 0)
        GTEST_SKIP() << "device nodes can be made by root only";
    ASSERT_EQ(chmod(node.c_str(), 0660), 0);
    ASSERT_EQ(chown(node.c_str(), 0, 1), 0); // Debian calls group 1 daemon
    EXPECT_EQ(
        child::in_role("i2c_bus.open_as_nobody", {node}).line(),
        "no permission for " + node +
            " (owner root, group daemon, mode 0660): sudo usermod -aG daemon nobody, then log in again: "
            "Permission denied");
    ASSERT_EQ(chown(node.c_str(), 0, 0), 0);
    const auto line = child::in_role("i2c_bus.open_as_nobody", {node}).line().value_or("");
    EXPECT_TRUE(has(line, "group root, mode 0660): give it to a group with a udev rule")) << line;
}

TEST(i2c_bus, a_node_without_a_driver_is_no_bus)
{
    const scratch folder;
    const auto node = folder.path + "/i2c-4242";
    if (mknod(node.c_str(), S_IFCHR | 0600, makedev(89, 4242)) != 0)
        GTEST_SKIP() << "device nodes can be made by root only";
    const auto error = error_of(node);
    if (error.code() == std::errc::permission_denied || error.code() == std::errc::operation_not_permitted)
        GTEST_SKIP() << "device nodes in /tmp cannot be opened here (nodev, or a container's rules)";
    EXPECT_EQ(error.code(), i2c_errc::bus_gone);
    EXPECT_FALSE(error.code() == i2c_errc::no_acknowledge) << "ENXIO means that of a transfer";
    EXPECT_TRUE(has(error.what(), node + " cannot be opened, because no driver is behind it: `sudo modprobe "
                                         "i2c-dev`"))
        << error.what();
}

TEST(i2c_bus, a_device_that_is_no_bus_is_refused_by_what_it_answers)
{
    const scratch folder;
    const auto node = folder.path + "/i2c-4242";
    if (mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0) // /dev/null under a bus's name
        GTEST_SKIP() << "device nodes can be made by root only";
    const auto error = error_of(node);
    if (error.code() == std::errc::permission_denied)
        GTEST_SKIP() << "device nodes in /tmp cannot be opened here (nodev)";
    EXPECT_EQ(error.code(), (std::error_code{ENOTTY, std::system_category()}));
    EXPECT_TRUE(has(error.what(), "does not answer as an I2C bus does")) << error.what();
}

TEST(i2c_bus, it_tells_its_name_and_its_locks)
{
    const sim_name sim;
    const i2c_bus bus{sim.bus()};
    EXPECT_EQ(bus.name(), sim.bus());
    EXPECT_EQ(bus.lock_name(), sim.lock());
    EXPECT_TRUE(std::filesystem::exists(sim.semaphore_path()));

    const sim_name other;
    const i2c_bus agreed{sim.bus(), {.lock_name = "/" + other.lock()}};
    EXPECT_EQ(agreed.lock_name(), other.lock());
    EXPECT_TRUE(std::filesystem::exists(other.semaphore_path()));
}

TEST(i2c_bus, a_bad_lock_name_is_refused)
{
    const sim_name sim;
    for (const auto& name :
         {std::string{"a/b"}, std::string{"sem.x"}, std::string{".."}, std::string(252, 'a')})
        EXPECT_EQ(error_of(sim.bus(), {.lock_name = name}).code(), lock_errc::bad_name) << name;
}

TEST(i2c_bus, a_simulated_one_begins_when_it_is_made)
{
    const sim_name sim;
    const sim_name later;
    const i2c_bus first{sim.bus()};
    std::this_thread::sleep_for(1100ms);
    i2c_bus second{later.bus()};
    EXPECT_EQ(second.read_byte_data(0x68, 0), 0) << "seconds of its clock";
}

} // namespace
