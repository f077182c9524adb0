#include <resourcelock/i2c_device.hpp>
#include <resourcelock/i2c_mux.hpp>
#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using resourcelock::i2c_device;
using resourcelock::i2c_errc;
using resourcelock::i2c_mux;
using resourcelock::i2c_session;
using resourcelock::playback_bus;

TEST(i2c_mux, connects_a_channel_works_and_restores_in_one_session)
{
    playback_bus bus{R"(
        session {
            r 0x70 80
            w 0x70 04
            w 0x4a 00 ; r 0x4a 19
            w 0x70 80
        }
    )"};
    i2c_mux mux{bus};
    i2c_device sensor{bus, 0x4a};
    EXPECT_EQ(mux.on_channel(2, [&](i2c_session&) { return sensor.read<std::uint8_t>(0); }), 0x19);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, restores_also_when_the_work_fails)
{
    playback_bus bus{"session {\nr 0x70 00\nw 0x70 01\nw 0x4a 00 ! EREMOTEIO\nw 0x70 00\n}"};
    i2c_mux mux{bus};
    try {
        mux.on_channel(0, [](i2c_session& session) { session.write(0x4a, {0}); });
        ADD_FAILURE() << "nothing thrown";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), i2c_errc::no_acknowledge);
    }
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, restores_also_when_something_else_is_thrown)
{
    playback_bus bus{"session {\nr 0x70 00\nw 0x70 01\nw 0x70 00\n}"};
    i2c_mux mux{bus};
    EXPECT_THROW(mux.on_channel(0, [](i2c_session&) { throw std::runtime_error{"no"}; }), std::runtime_error);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, restores_also_when_selecting_is_not_acknowledged)
{
    playback_bus bus{"session {\nr 0x70 02\nw 0x70 01 ! EREMOTEIO\nw 0x70 02\n}"};
    i2c_mux mux{bus};
    bool worked = false;
    EXPECT_THROW(mux.on_channel(0, [&](i2c_session&) { worked = true; }), std::system_error);
    EXPECT_FALSE(worked);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, says_that_a_channel_is_still_connected)
{
    playback_bus bus{"session {\nr 0x70 00\nw 0x70 01\nw 0x70 00 ! EREMOTEIO\n}"};
    i2c_mux mux{bus};
    try {
        mux.on_channel(0, [](i2c_session&) {});
        ADD_FAILURE() << "nothing thrown";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), i2c_errc::no_acknowledge);
        EXPECT_NE(std::string{error.what()}.find("still connected"), std::string::npos) << error.what();
    }
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, selects_and_works_again_when_arbitration_is_lost)
{
    playback_bus bus{R"(
        session {
            r 0x70 00
            w 0x70 01
            w 0x4a 07 ! EAGAIN
            w 0x70 01
            w 0x4a 07
            w 0x70 00 ! EAGAIN   # switching back is tried again by itself
            w 0x70 00
        }
    )"};
    i2c_mux mux{bus};
    int works = 0;
    mux.on_channel(0, [&](i2c_session& session) {
        session.write(0x4a, {7});
        ++works;
    });
    EXPECT_EQ(works, 1);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, a_yield_in_the_work_does_not_give_the_bus_away_with_the_channel_connected)
{
    playback_bus bus{"session {\nr 0x70 00\nw 0x70 01\nw 0x4a 07\nw 0x70 00\n}"};
    i2c_mux mux{bus};
    mux.on_channel(0, [](i2c_session& session) {
        session.yield();
        session.write(0x4a, {7});
    });
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, says_so_when_both_the_work_and_switching_back_fail)
{
    playback_bus bus{"session {\nr 0x70 00\nw 0x70 01\nw 0x4a 00 ! EIO\nw 0x70 00 ! EREMOTEIO\n}"};
    i2c_mux mux{bus};
    try {
        mux.on_channel(0, [](i2c_session& session) { session.write(0x4a, {0}); });
        ADD_FAILURE() << "nothing thrown";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string{error.what()}.find("still connected, and the work failed before"),
                  std::string::npos)
            << error.what();
    }
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, one_stands_behind_another)
{
    playback_bus bus{R"(
        session {
            r 0x70 00
            w 0x70 01
            r 0x71 08
            w 0x71 02
            w 0x4a 07
            w 0x71 08
            w 0x70 00
        }
    )"};
    i2c_mux outer{bus};
    i2c_mux inner{bus, 0x71};
    outer.on_channel(0, [&](i2c_session&) {
        inner.on_channel(1, [](i2c_session& session) { session.write(0x4a, {7}); });
    });
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_mux, refuses_a_channel_that_does_not_exist)
{
    playback_bus bus{""};
    i2c_mux mux{bus};
    for (const int channel : {-1, 8, 256})
        EXPECT_THROW(mux.on_channel(channel, [](i2c_session&) {}), std::system_error) << channel;
    EXPECT_EQ(bus.report(), "");
}

} // namespace
