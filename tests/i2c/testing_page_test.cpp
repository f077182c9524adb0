// The code of docs/testing.md.
#include <resourcelock/i2c_device.hpp>
#include <resourcelock/playback_bus.hpp>
#include <resourcelock/sim_control.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string>

#include <unistd.h>

using namespace std::chrono_literals;
using namespace resourcelock;

namespace {

// The code under test: a TMP105.
double celsius(i2c_bus& bus)
{
    i2c_device sensor{bus, 0x49};
    return static_cast<std::int16_t>(sensor.read<std::uint16_t>(0)) / 256.0;
}

struct simulated_bus {
    std::string name = "sim:my-program-" + std::to_string(getpid()); // tests may run side by side
    ~simulated_bus() { sim_control::remove(name); }
};

class my_program : public testing::Test {
protected:
    simulated_bus sim_; // ends last
    i2c_bus bus_{sim_.name};
    sim_control control_{sim_.name};
};

TEST_F(my_program, measures_although_another_controller_was_first_twice)
{
    control_.add_fault({.error = EAGAIN, .address = 0x49, .count = 2});
    EXPECT_EQ(celsius(bus_), 21.5);
    EXPECT_EQ(control_.transactions(), 3U);
}

TEST_F(my_program, waits_for_the_humidity_without_sleeping)
{
    std::array<std::uint8_t, 6> reading{};
    std::error_code error;
    control_.stop_clock();
    bus_.write(0x44, {0x24, 0x00});
    control_.advance(14ms);
    bus_.read(0x44, reading, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    control_.advance(1ms);
    bus_.read(0x44, reading);
    EXPECT_EQ(reading[0], 0x66); // 25 degrees C
}

TEST(my_program_by_script, measures_in_one_session)
{
    playback_bus bus{R"(
        session {
            w 0x44 24 00             # SHT31: measure
            r 0x44 be ef 92 80 00 a2
        }
        w 0x49 00 ; r 0x49 15 80     # one transaction, with a repeated start
        w 0x49 00 ; r 0x49 xx xx ! EREMOTEIO
    )"};
    std::array<std::uint8_t, 6> reading{};
    {
        auto session = bus.session();
        session.write(0x44, {0x24, 0x00});
        session.read(0x44, reading);
    }
    EXPECT_EQ(celsius(bus), 21.5);
    EXPECT_THROW(celsius(bus), std::system_error);
    EXPECT_EQ(bus.report(), ""); // or the first difference, or what is left over
}

} // namespace
