#include "checks.hpp"
#include "smbus_equivalent.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include <linux/i2c.h>

namespace {

using namespace resourcelock;

constexpr unsigned long everything = ~0UL;

std::error_code check_reads(std::size_t count, std::size_t size, adapter_limits limits)
{
    std::vector<std::uint8_t> data(size);
    const std::vector<i2c_message> messages(count, i2c_message::read(0x48, data));
    return check_limits(messages, limits);
}

TEST(adapter_limits, a_length_is_checked_before_it_becomes_the_kernels_16_bits)
{
    for (const std::size_t size : {std::size_t{8193}, std::size_t{65536}, std::size_t{65537}}) {
        std::vector<std::uint8_t> data(size);
        EXPECT_EQ(check_arguments(std::array{i2c_message::read(0x48, data)}), i2c_errc::bad_length) << size;
    }
}

TEST(adapter_limits, messages_need_an_adapter_that_sends_them_or_the_same_as_an_smbus_call)
{
    constexpr auto smbus_only = everything & ~static_cast<unsigned long>(I2C_FUNC_I2C);
    EXPECT_FALSE(check_reads(1, 2, {.functionality = I2C_FUNC_I2C}));
    EXPECT_FALSE(check_reads(1, 1, {.functionality = smbus_only}));
    EXPECT_EQ(check_reads(1, 2, {.functionality = smbus_only}), i2c_errc::not_supported);
    EXPECT_EQ(check_reads(1, 1, {.functionality = 0}), i2c_errc::not_supported);
}

TEST(adapter_limits, messages_in_parts_need_an_adapter_for_each_part)
{
    std::array<std::uint8_t, 1> one{};
    std::array<std::uint8_t, 2> two{};
    const auto read_one = i2c_message::read(0x48, one);
    const adapter_limits smbus{.functionality = I2C_FUNC_SMBUS_BYTE};
    EXPECT_FALSE(check_limits(std::array{read_one, read_one}, smbus, splitting::where_refused));
    EXPECT_EQ(check_limits(std::array{read_one, read_one}, smbus), i2c_errc::not_supported);
    EXPECT_EQ(
        check_limits(std::array{read_one, i2c_message::read(0x48, two)}, smbus, splitting::where_refused),
        i2c_errc::not_supported);
}

TEST(adapter_limits, deviations_need_their_own_functions)
{
    std::array<std::uint8_t, 33> data{};
    const auto write = i2c_message::write(0x48, data);
    struct {
        i2c_message message;
        unsigned long function;
    } const cases[] = {
        {write.with(i2c_flag::no_start), I2C_FUNC_NOSTART},
        {write.with(i2c_flag::ignore_nak), I2C_FUNC_PROTOCOL_MANGLING},
        {write.with(i2c_flag::stop), I2C_FUNC_PROTOCOL_MANGLING},
        {write.with(i2c_flag::reverse_direction), I2C_FUNC_PROTOCOL_MANGLING},
        {i2c_message::read(0x48, data).with(i2c_flag::no_read_acknowledge), I2C_FUNC_PROTOCOL_MANGLING},
        {i2c_message::read_block(0x48, data), I2C_FUNC_SMBUS_READ_BLOCK_DATA}};
    for (const auto& [message, function] : cases) {
        EXPECT_FALSE(check_limits(std::array{message}, {.functionality = I2C_FUNC_I2C | function}));
        EXPECT_EQ(check_limits(std::array{message}, {.functionality = everything & ~function}),
                  i2c_errc::not_supported);
    }
}

TEST(adapter_limits, ten_bit_addresses_need_an_adapter_that_knows_them)
{
    std::array<std::uint8_t, 1> data{};
    const std::array messages{i2c_message::read(0x48, data),
                              i2c_message::read(i2c_address::ten_bit(0x48), data)};
    EXPECT_FALSE(check_limits(messages, {.functionality = I2C_FUNC_I2C | I2C_FUNC_10BIT_ADDR}));
    EXPECT_EQ(check_limits(messages, {.functionality = I2C_FUNC_I2C}), i2c_errc::not_supported);
    const smbus_call call{i2c_address::ten_bit(0x48), smbus_call::kind::byte_data, true, 0, data};
    EXPECT_EQ(check_limits(call, {.functionality = everything}), i2c_errc::not_supported);
}

TEST(adapter_limits, an_smbus_call_needs_its_own_function)
{
    using kind = smbus_call::kind;
    struct {
        kind size;
        bool is_read;
        unsigned long function;
    } const cases[] = {
        {kind::quick, true, I2C_FUNC_SMBUS_QUICK},
        {kind::byte, true, I2C_FUNC_SMBUS_READ_BYTE},
        {kind::byte, false, I2C_FUNC_SMBUS_WRITE_BYTE},
        {kind::process_call, false, I2C_FUNC_SMBUS_PROC_CALL},
        {kind::i2c_block_data, true, I2C_FUNC_SMBUS_READ_I2C_BLOCK},
        {kind::i2c_block_data, false, I2C_FUNC_SMBUS_WRITE_I2C_BLOCK},
        {kind::block_process_call, false, I2C_FUNC_SMBUS_BLOCK_PROC_CALL},
        {kind::byte_data, true, I2C_FUNC_SMBUS_READ_BYTE_DATA},
        {kind::byte_data, false, I2C_FUNC_SMBUS_WRITE_BYTE_DATA},
        {kind::word_data, true, I2C_FUNC_SMBUS_READ_WORD_DATA},
        {kind::word_data, false, I2C_FUNC_SMBUS_WRITE_WORD_DATA},
        {kind::block_data, true, I2C_FUNC_SMBUS_READ_BLOCK_DATA},
        {kind::block_data, false, I2C_FUNC_SMBUS_WRITE_BLOCK_DATA},
    };
    std::array<std::uint8_t, 32> data{};
    for (const auto& [size, is_read, function] : cases) {
        const smbus_call call{0x48, size, is_read, 0, data};
        EXPECT_FALSE(check_limits(call, {.functionality = function}));
        EXPECT_EQ(check_limits(call, {.functionality = everything & ~function}), i2c_errc::not_supported);
        const smbus_call with_pec{i2c_address{0x48}.with_pec(), size, is_read, 0, data};
        EXPECT_FALSE(check_limits(with_pec, {.functionality = function | I2C_FUNC_SMBUS_PEC}));
        EXPECT_EQ(check_limits(with_pec, {.functionality = function}), i2c_errc::not_supported);
    }
}

TEST(adapter_limits, a_transfer_must_end_within_the_adapters_second)
{
    // 8192 bytes of nine clocks are 0.74 s at 100 kHz
    EXPECT_FALSE(check_reads(1, 8192, {everything, 100'000}));
    EXPECT_EQ(check_reads(2, 8192, {everything, 100'000}), i2c_errc::too_long);
    EXPECT_FALSE(check_reads(5, 8192, {everything, 400'000}));
    EXPECT_EQ(check_reads(6, 8192, {everything, 400'000}), i2c_errc::too_long);
    EXPECT_FALSE(check_reads(1, 1100, {everything, 10'000}));
    EXPECT_EQ(check_reads(1, 1200, {everything, 10'000}), i2c_errc::too_long);
}

} // namespace
