// The code of docs/simulated-bus.md.
#include <resourcelock/i2c_bus.hpp>
#include <resourcelock/sim_control.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string>

#include <unistd.h>

using namespace std::chrono_literals;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_transactions;
using resourcelock::sim_control;

namespace {

// The code under test: a TMP105, and two more attempts when another controller was first.
double celsius(i2c_transactions& bus)
{
    std::array<std::uint8_t, 2> word{};
    for (int attempt = 1;; ++attempt) {
        std::error_code error;
        bus.write_read(0x49, {0x00}, word, error);
        if (!error)
            return static_cast<std::int16_t>(word[0] << 8 | word[1]) / 256.0;
        if (error != i2c_errc::arbitration_lost || attempt == 3)
            throw std::system_error{error, "no temperature"};
    }
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

TEST_F(my_program, tries_again_when_another_controller_was_first)
{
    control_.add_fault({.error = EAGAIN, .address = 0x49, .count = 2});
    EXPECT_EQ(celsius(bus_), 21.5);
    EXPECT_EQ(control_.transactions(), 3U);
}

TEST_F(my_program, gives_up_on_other_errors)
{
    control_.add_fault({.error = ETIMEDOUT});
    EXPECT_THROW(celsius(bus_), std::system_error);
    EXPECT_EQ(control_.transactions(), 1U);
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

} // namespace
