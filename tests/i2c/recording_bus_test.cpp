#include "devices.hpp"
#include "sim_name.hpp"

#include <resourcelock/playback_bus.hpp>
#include <resourcelock/recording_bus.hpp>

#include <gtest/gtest.h>

#include <tuple>

namespace {

using namespace test;
using resourcelock::i2c_errc;
using resourcelock::playback_bus;
using resourcelock::recording_bus;

TEST(recording_bus, writes_down_what_happens)
{
    const sim_name sim;
    recording_bus bus{sim.bus()};
    std::error_code error;
    bus.write(absent, {1}, error);
    {
        auto session = bus.session();
        session.write(at24c32, {0, 0});
        read_bytes(session, at24c32, 2);
    }
    std::ignore = bus.read_byte_data(ads1115, 2);
    std::ignore = bus.read_word_data(ads1115, 2);
    bus.write(0x03, {1}, error); // refused: no transaction
    EXPECT_EQ(bus.script(), "w 0x20 01 ! EREMOTEIO\n"
                            "session {\n"
                            "    w 0x50 00 00\n"
                            "    r 0x50 ff ff\n"
                            "}\n"
                            "w 0x48 02 ; r 0x48 80\n"
                            "w 0x48 02 ; r 0x48 80 00\n");
}

TEST(recording_bus, its_script_plays_back)
{
    const sim_name sim;
    recording_bus recording{sim.bus()};
    const auto program = [](resourcelock::i2c_bus& bus) {
        std::error_code error;
        std::ignore = bus.read_byte_data(absent, 0, error);
        const auto session = bus.session();
        const int result = measure(bus, 2);
        bus.write_byte_data(ads1115, 0, 1);
        bus.write_i2c_block_data(at24c32, 0, std::array<std::uint8_t, 3>{0, 1, 2});
        std::array<std::uint8_t, 2> block{};
        bus.read_i2c_block_data(ads1115, 2, block);
        bus.write_quick(ads1115);
        return result * 256 + bus.read_byte(ads1115) + bus.process_call(ads1115, 3, 0xff7f);
    };
    const auto recorded = program(recording);
    playback_bus playback{recording.script()};
    EXPECT_EQ(program(playback), recorded);
    EXPECT_EQ(playback.report(), "") << recording.script();
}

TEST(recording_bus, takes_the_lock_as_any_bus_does)
{
    const sim_name sim;
    recording_bus bus{sim.bus(), {.timeout = 0s}};
    resourcelock::resource_lock lock{sim.lock()};
    ASSERT_TRUE(lock.get_lock());
    std::error_code error;
    bus.write(ads1115, {0}, error);
    EXPECT_EQ(error, i2c_errc::lock_timeout);
    EXPECT_EQ(bus.script(), "");
}

} // namespace
