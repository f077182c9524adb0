// A bus whose lines stay low.
#include "board.hpp"

#include <array>
#include <chrono>
#include <tuple>

using namespace std::chrono_literals;
using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;

namespace {
class stuck_bus : public board::fixture {};
} // namespace

TEST_F(stuck_bus, ends_in_time_says_so_and_leaves_nothing_locked)
{
    i2c_bus bus{"7"};
    const auto start = std::chrono::steady_clock::now();
    std::error_code error;
    std::array<std::uint8_t, 1> into{};
    // An idle bus with nobody on it does not acknowledge; it takes a byte whose acknowledge does not matter.
    bus.transfer({i2c_message::write(absent, into).with(resourcelock::i2c_flag::ignore_nak)}, error);
    EXPECT_EQ(error, i2c_errc::timed_out) << error;
    bus.read(absent, into, error);
    EXPECT_TRUE(error == i2c_errc::timed_out || error == i2c_errc::no_acknowledge) << error;
    std::ignore = bus.read_byte_data(absent, 0, error);
    EXPECT_TRUE(error == i2c_errc::timed_out || error == i2c_errc::no_acknowledge) << error;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
    EXPECT_FALSE(resourcelock::resource_lock{bus.lock_name()}.is_locked());
}

TEST_F(stuck_bus, an_adapter_made_of_pins_has_every_deviation)
{
    i2c_bus bus{"7"};
    const std::array<std::uint8_t, 1> byte{0};
    std::array<std::uint8_t, 33> block{};
    std::error_code error;
    bus.transfer({i2c_message::write(absent, byte).with(resourcelock::i2c_flag::ignore_nak),
                  i2c_message::write(absent, byte).with(resourcelock::i2c_flag::no_start),
                  i2c_message::read_block(absent, block)},
                 error);
    EXPECT_EQ(error, i2c_errc::timed_out) << "sent, and not refused: " << error;
}
