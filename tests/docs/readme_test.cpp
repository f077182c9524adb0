// The code of README.md, but for the program, which program.py builds.
#include "sim_name.hpp"
#include "test_names.hpp"

#include <resourcelock/i2c_device.hpp>
#include <resourcelock/i2c_mux.hpp>
#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>

TEST(readme, what_drivers_need)
{
    const test::sim_name sim;
    resourcelock::i2c_bus bus{sim.bus()};

#include "README.2.inc"

    EXPECT_EQ(clock.read<std::uint8_t>(0x0f) & 0x80, 0) << "the oscillator's stop flag is cleared";
    EXPECT_EQ(celsius, 21.5);
    EXPECT_EQ(code, 4800) << "0.3 V in steps of 62.5 uV";
    EXPECT_EQ(id, 0x60);
}

TEST(readme, only_the_lock)
{
    static const test::lock_name name;
    /// The page's code finds this one first: its lock belongs to the machine, not to a test.
    struct resourcelock {
        struct resource_lock : ::resourcelock::resource_lock {
            explicit resource_lock(const std::string& /*of the page*/) : ::resourcelock::resource_lock{name}
            {}
        };
    };

#include "README.3.inc"

    EXPECT_TRUE(lock.I_have_the_lock());
    EXPECT_TRUE(lock.get_lock_info().ends_with(" - ")) << "the standard's way has no text";
    EXPECT_FALSE(::resourcelock::resource_lock{name}.get_lock({.timeout = std::chrono::seconds{0}}));
}

TEST(readme, a_log_for_the_timeline)
{
    const test::lock_name name;
    const auto here = std::filesystem::current_path();
    const auto folder = std::filesystem::temp_directory_path() / name.str();
    std::filesystem::create_directory(folder);
    std::filesystem::current_path(folder);
    const auto library_log = spdlog::get("resourcelock");
    const auto sinks = library_log->sinks();

#include "README.4.inc"

    {
        resourcelock::resource_lock lock{name};
        const std::scoped_lock guard{lock};
    }
    std::ifstream file{"tempmon.log"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_NE(text.find("<" + name.str() + "> lock requested"), std::string::npos) << text;
    EXPECT_NE(text.find("<" + name.str() + "> lock released"), std::string::npos) << text;
    library_log->sinks() = sinks;
    library_log->set_level(spdlog::level::warn);
    std::filesystem::current_path(here);
    std::filesystem::remove_all(folder);
}
