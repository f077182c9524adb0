// Adapters that speak SMBus only: i2c-stub and i2c-i801.
#include "board.hpp"

#include <resourcelock/i2c_device.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

#include <linux/i2c.h>

using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_device;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;

namespace {
class smbus_only : public board::fixture {};

// The registers of i2c-stub, and a chip of the i801's bus: QEMU's EEPROM of a memory module.
constexpr int stub_chip = 0x20;
constexpr int memory_module = 0x50;

std::string name_of_i801()
{
    for (const auto& adapter : std::filesystem::directory_iterator{"/sys/class/i2c-dev"}) {
        std::string name;
        std::getline(std::ifstream{adapter.path() / "name"}, name);
        if (name.starts_with("SMBus I801"))
            return name;
    }
    return "no i801";
}
} // namespace

TEST_F(smbus_only, messages_go_out_as_the_smbus_call_of_the_same_bytes)
{
    i2c_bus bus{"SMBus stub driver"};
    ASSERT_EQ(bus.functionality() & I2C_FUNC_I2C, 0U);
    std::array<std::uint8_t, 1> one{};
    std::array<std::uint8_t, 2> two{};
    std::array<std::uint8_t, 4> four{};

    bus.write(stub_chip, {0x10, 0xab});
    bus.write_read(stub_chip, {0x10}, one);
    EXPECT_EQ(one[0], 0xab);
    bus.write(stub_chip, {0x12, 0x34, 0x56});
    bus.write_read(stub_chip, {0x12}, two);
    EXPECT_EQ(two, (std::array<std::uint8_t, 2>{0x34, 0x56}));
    bus.write(stub_chip, {0x40, 1, 2, 3, 4});
    bus.write_read(stub_chip, {0x40}, four);
    EXPECT_EQ(four, (std::array<std::uint8_t, 4>{1, 2, 3, 4}));
    bus.write(stub_chip, {0x10});
    bus.read(stub_chip, one);
    EXPECT_EQ(one[0], 0xab) << "the pointer written before";
}

TEST_F(smbus_only, registers_are_changed_by_bits)
{
    i2c_bus bus{"SMBus stub driver"};
    i2c_device device{bus, stub_chip};
    device.write<std::uint8_t>(0x20, 0xf0);
    EXPECT_EQ(device.update_bits<std::uint8_t>(0x20, 0x0f, 0x05), 0xf5);
    EXPECT_EQ(device.read<std::uint8_t>(0x20), 0xf5);
    EXPECT_TRUE(device.compare_exchange<std::uint8_t>(0x20, 0xf5, 0x11));
    device.write<std::uint16_t>(0x22, 0x1234);
    EXPECT_EQ(device.read<std::uint16_t>(0x22), 0x1234);
}

TEST_F(smbus_only, what_smbus_does_not_have_is_refused_before_anything_is_sent)
{
    for (const auto& name : {std::string{"SMBus stub driver"}, name_of_i801()}) {
        SCOPED_TRACE(name);
        i2c_bus bus{name};
        std::array<std::uint8_t, 2> two{};
        std::array<std::uint8_t, 34> long_one{};
        const std::array<std::uint8_t, 1> byte{0};
        std::error_code error;
        bus.read(stub_chip, two, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
        bus.write(stub_chip, long_one, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
        bus.transfer({i2c_message::write(stub_chip, byte), i2c_message::write(stub_chip, byte)}, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
        bus.write(resourcelock::i2c_address::ten_bit(stub_chip), {0}, error);
        EXPECT_EQ(error, i2c_errc::not_supported);
    }
}

TEST_F(smbus_only, an_i801_reads_and_writes_and_says_who_is_absent)
{
    i2c_bus bus{name_of_i801()};
    i2c_device chip{bus, memory_module};
    chip.write<std::uint8_t>(0x10, 0x5b);
    EXPECT_EQ(chip.read<std::uint8_t>(0x10), 0x5b);
    std::error_code error;
    std::ignore = i2c_device{bus, absent}.read<std::uint8_t>(0, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << error;
    EXPECT_EQ(error.value(), ENXIO);
}
