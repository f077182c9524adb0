#include "devices.hpp"
#include "sim_name.hpp"

#include <resourcelock/playback_bus.hpp>
#include <resourcelock/recording_bus.hpp>

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include <linux/i2c.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
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

/// Room for more than the longest block must not be filled.
TEST(recording_bus, writes_down_blocks_whose_length_the_device_tells)
{
    const sim_name sim;
    resourcelock::sim_control control{sim.bus()};
    control.set_functionality(I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL | I2C_FUNC_SMBUS_READ_BLOCK_DATA |
                              I2C_FUNC_SMBUS_BLOCK_PROC_CALL);
    recording_bus bus{sim.bus()};
    write_memory(bus, 0x0200, {2, 0xaa, 0xbb});
    faster_than(4s, [&] {
        std::error_code busy;
        do
            bus.write(at24c32, {2, 0}, busy);
        while (busy);
        return 0;
    });
    std::array<std::uint8_t, 64> room{};
    EXPECT_EQ(bus.read_block_data(at24c32, 0x07, room), 2U);
    EXPECT_EQ(room[1], 0xbb);
    const auto script = bus.script();
    EXPECT_NE(script.find("w 0x50 07 ; rb 0x50 02 aa bb\n"), std::string::npos) << script;
}

TEST(recording_bus, sees_a_session_that_another_object_of_the_bus_opened)
{
    const sim_name sim;
    i2c_bus plain{sim.bus()};
    recording_bus recording{sim.bus()};
    for (int i = 0; i < 2; ++i) {
        const auto session = plain.session();
        recording.write(ads1115, {1});
        recording.write(ads1115, {2});
    }
    EXPECT_EQ(recording.script(), "session {\n    w 0x48 01\n    w 0x48 02\n}\n"
                                  "session {\n    w 0x48 01\n    w 0x48 02\n}\n");
}

} // namespace
