// What every adapter with an I2C controller can do.
#include "board.hpp"

#include <resourcelock/i2c_device.hpp>
#include <resourcelock/i2c_mux.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include <sys/stat.h>
#include <unistd.h>

using namespace board;
using resourcelock::i2c_bus;
using resourcelock::i2c_device;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;
using resourcelock::i2c_session;

namespace {
class any_adapter : public board::fixture {};
} // namespace

TEST_F(any_adapter, an_eeprom_gives_back_what_was_written)
{
    i2c_bus bus{bus_name};
    std::array<std::uint8_t, 2 + 32> page{0x01, 0x40}; // the address inside the chip first
    std::iota(page.begin() + 2, page.end(), std::uint8_t{0xa0});
    std::array<std::uint8_t, 32> back{};

    bus.write(eeprom, page);
    bus.write_read(eeprom, {0x01, 0x40}, back);

    EXPECT_TRUE(std::equal(back.begin(), back.end(), page.begin() + 2));
}

TEST_F(any_adapter, a_word_comes_low_byte_first)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});

    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x3012);
}

TEST_F(any_adapter, smbus_calls_come_as_the_specification_says)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});

    bus.write_byte(tmp105, high_limit_register); // the pointer
    EXPECT_EQ(bus.read_byte(tmp105), 0x12);
    std::array<std::uint8_t, 2> block{};
    bus.read_i2c_block_data(tmp105, high_limit_register, block);
    EXPECT_EQ(block, (std::array<std::uint8_t, 2>{0x12, 0x30}));
    bus.write_i2c_block_data(tmp105, high_limit_register, std::array<std::uint8_t, 2>{0x14, 0x50});
    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x5014);
    EXPECT_EQ(bus.process_call(tmp105, high_limit_register, 0x2013), 0x2013);
}

TEST_F(any_adapter, a_device_without_packet_error_codes_is_corrupt_when_asked_for_them)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {high_limit_register, 0x12, 0x30});
    std::error_code error;

    std::ignore =
        bus.read_word_data(resourcelock::i2c_address{tmp105}.with_pec(), high_limit_register, error);
    EXPECT_EQ(error, i2c_errc::corrupt) << error;
    EXPECT_EQ(bus.read_word_data(tmp105, high_limit_register), 0x3012) << "and is not, when not";
}

TEST_F(any_adapter, whoever_may_use_the_bus_may_use_its_lock)
{
    // as udev leaves the node on Raspberry Pi OS: root:i2c 0660
    constexpr gid_t i2c_group = 998;
    ASSERT_EQ(chown(bus_name, 0, i2c_group), 0);
    ASSERT_EQ(chmod(bus_name, 0660), 0);
    unlink("/dev/shm/i2c-1");
    unlink("/dev/shm/sem.i2c-1");

    i2c_bus bus{"1"};
    bus.write(tmp105, {temperature_register});

    EXPECT_EQ(bus.lock_name(), "i2c-1");
    for (const auto* file : {"/dev/shm/i2c-1", "/dev/shm/sem.i2c-1"}) {
        struct stat facts {};
        ASSERT_EQ(stat(file, &facts), 0) << file;
        EXPECT_EQ(facts.st_mode & 0777, 0660U) << file;
        EXPECT_EQ(facts.st_gid, i2c_group) << file;
    }
}

TEST_F(any_adapter, a_multiplexer_is_switched_back)
{
    i2c_bus bus{bus_name};
    resourcelock::i2c_mux mux{bus};
    bus.write_byte(multiplexer, 0x02);
    std::error_code not_connected;
    mux.on_channel(0, [&](i2c_session& session) {
        EXPECT_EQ(bus.read_byte(multiplexer), 0x01);
        session.write(behind_multiplexer, {temperature_register}, not_connected);
    });
    EXPECT_FALSE(not_connected) << not_connected;
    EXPECT_EQ(bus.read_byte(multiplexer), 0x02);
    EXPECT_THROW(mux.on_channel(7, [](i2c_session& session) { session.write(behind_multiplexer, {0}); }),
                 std::system_error);
    EXPECT_EQ(bus.read_byte(multiplexer), 0x02);
    bus.write_byte(multiplexer, 0x00);
}

TEST_F(any_adapter, messages_that_some_refuse_together_go_out_in_parts)
{
    i2c_bus bus{bus_name};
    bus.write(tmp105, {low_limit_register, 0x11, 0x10});
    bus.write(tmp105, {high_limit_register, 0x22, 0x20});
    std::array<std::uint8_t, 2> one{};
    std::array<std::uint8_t, 2> two{};
    const std::array<std::uint8_t, 1> first{low_limit_register};
    const std::array<std::uint8_t, 1> second{high_limit_register};

    bus.transfer_in_parts({i2c_message::write(tmp105, first), i2c_message::read(tmp105, one),
                           i2c_message::write(tmp105, second), i2c_message::read(tmp105, two)});

    EXPECT_EQ(big_endian(one), 0x1110);
    EXPECT_EQ(big_endian(two), 0x2220);
}

TEST_F(any_adapter, a_register_is_changed_by_bits)
{
    i2c_bus bus{bus_name};
    i2c_device device{bus, tmp105};
    device.write<std::uint16_t>(high_limit_register, 0x5000);

    EXPECT_EQ(device.update_bits<std::uint16_t>(high_limit_register, 0x0ff0, 0x0a50), 0x5a50);
    EXPECT_TRUE(device.compare_exchange<std::uint16_t>(high_limit_register, 0x5a50, 0x4b00));
    EXPECT_FALSE(device.compare_exchange<std::uint16_t>(high_limit_register, 0x5a50, 0x5000));
    EXPECT_EQ(device.read<std::uint16_t>(high_limit_register), 0x4b00);
}
