// i2c-imx, which carries out several reads in one transfer and blocks whose length the device tells.
#include "board.hpp"

#include <array>
#include <vector>

#include <linux/i2c.h>

using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;

namespace {
class imx8mp : public board::fixture {};
} // namespace

TEST_F(imx8mp, tells_about_its_adapter)
{
    const i2c_bus bus{bus_name};
    EXPECT_EQ(bus.adapter_name(), "30a30000.i2c");
    EXPECT_EQ(bus.clock_hz(), 400'000U);
    EXPECT_TRUE((bus.functionality() & I2C_FUNC_SMBUS_READ_BLOCK_DATA) != 0);
}

TEST_F(imx8mp, an_absent_address_times_out)
{
    i2c_bus bus{bus_name};
    std::error_code error;
    bus.write(absent, {0x00}, error);
    EXPECT_EQ(error, i2c_errc::timed_out) << error; // of this driver on this emulated controller
}

TEST_F(imx8mp, reads_42_times_in_one_transfer)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {low_limit_register, 0x11, 0x10}); // leaves the pointer there
    std::array<std::array<std::uint8_t, 2>, 42> values{};
    std::vector<i2c_message> messages;
    for (auto& value : values)
        messages.push_back(i2c_message::read(tmp105, value));

    bus.transfer(messages);

    for (const auto& value : values)
        EXPECT_EQ(big_endian(value), 0x1110);
}

TEST_F(imx8mp, writes_and_reads_by_turns_in_one_transfer)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {low_limit_register, 0x11, 0x10});
    bus.write(tmp105, {high_limit_register, 0x22, 0x20});
    const std::array<std::uint8_t, 2> pointers{low_limit_register, high_limit_register};
    std::array<std::array<std::uint8_t, 2>, 21> values{};
    std::vector<i2c_message> messages; // as many as the kernel takes: 42
    for (std::size_t i = 0; i < values.size(); ++i) {
        messages.push_back(i2c_message::write(tmp105, std::span{pointers}.subspan(i % 2, 1)));
        messages.push_back(i2c_message::read(tmp105, values.at(i)));
    }

    bus.transfer(messages);

    for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_EQ(big_endian(values.at(i)), i % 2 == 0 ? 0x1110 : 0x2220);
}

TEST_F(imx8mp, reads_a_block_whose_length_the_device_tells)
{
    i2c_bus bus{bus_name};
    bus.write(eeprom, {0x02, 0x00, 0x03, 0xaa, 0xbb, 0xcc, 0xdd});
    const std::array<std::uint8_t, 2> position{0x02, 0x00};
    std::array<std::uint8_t, 33> block{};

    bus.transfer({i2c_message::write(eeprom, position), i2c_message::read_block(eeprom, block)});

    EXPECT_EQ(block[0], 3);
    EXPECT_EQ(block[1], 0xaa);
    EXPECT_EQ(block[3], 0xcc);
}

TEST_F(imx8mp, a_block_of_an_impossible_length_is_bad_protocol)
{
    i2c_bus bus{bus_name};
    const std::array<std::uint8_t, 2> position{0x02, 0x40};
    std::array<std::uint8_t, 33> block{};
    for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{33}, std::uint8_t{255}}) {
        bus.write(eeprom, {0x02, 0x40, length});
        std::error_code error;
        bus.transfer({i2c_message::write(eeprom, position), i2c_message::read_block(eeprom, block)}, error);
        EXPECT_EQ(error, i2c_errc::bad_protocol) << int{length} << ": " << error;
    }
}
