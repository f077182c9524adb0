// i2c-bcm2835, the adapter of Raspberry Pi 0 to 4.
#include "board.hpp"

#include <array>
#include <tuple>

using namespace std::chrono_literals;
using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;

namespace {
class pi3 : public board::fixture {};
} // namespace

TEST_F(pi3, an_absent_address_is_no_acknowledge)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2> into{};
    std::error_code error;

    bus.write(absent, {0x00}, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    bus.read(absent, into, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    bus.write_read(absent, {0x00}, into, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    EXPECT_EQ(error.value(), EREMOTEIO); // the errno of i2c-bcm2835, kept
    std::ignore = bus.read_byte_data(absent, 0, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
}

TEST_F(pi3, cannot_read_a_block_whose_length_the_device_tells)
{
    i2c_bus bus{bus_name};
    std::error_code error;
    std::array<std::uint8_t, 32> into{};

    std::ignore = bus.read_block_data(tmp105, high_limit_register, into, error);
    EXPECT_EQ(error, i2c_errc::not_supported) << error;
    std::ignore =
        bus.block_process_call(tmp105, high_limit_register, std::array<std::uint8_t, 1>{1}, into, error);
    EXPECT_EQ(error, i2c_errc::not_supported) << error;
}

TEST_F(pi3, refuses_a_second_read_in_one_transfer)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2> one{};
    std::array<std::uint8_t, 2> two{};
    std::error_code error;

    bus.transfer({i2c_message::read(tmp105, one), i2c_message::read(tmp105, two)}, error);

    EXPECT_EQ(error, i2c_errc::not_supported) << error;
}

TEST_F(pi3, tells_about_its_adapter)
{
    const i2c_bus bus{bus_name};
    EXPECT_EQ(bus.adapter_name(), "bcm2835 (i2c@7e804000)");
    EXPECT_EQ(bus.clock_hz(), 100'000U);
    EXPECT_EQ(bus.functionality(), 0x0eff0009U);
    std::array<std::uint8_t, 8192> data{};
    const std::array too_long{i2c_message::write(eeprom, data), i2c_message::write(eeprom, data)};
    EXPECT_GT(bus.estimate_duration(too_long), 1s);
    std::error_code error;
    i2c_bus{bus_name}.transfer(too_long, error);
    EXPECT_EQ(error, i2c_errc::too_long);
}
