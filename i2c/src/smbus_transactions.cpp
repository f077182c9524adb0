#include <resourcelock/i2c_transactions.hpp>

#include "checks.hpp"

#include <algorithm>
#include <array>

namespace resourcelock {

using kind = smbus_call::kind;

std::error_code i2c_transactions::checked_smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    block_size = 0;
    if (const auto error = check_arguments(call))
        return error;
    return do_smbus(call, block_size);
}

std::uint8_t i2c_transactions::read_byte_data(i2c_address address, std::uint8_t command)
{
    std::error_code error;
    const auto value = read_byte_data(address, command, error);
    throw_if(error, address);
    return value;
}

std::uint8_t i2c_transactions::read_byte_data(i2c_address address, std::uint8_t command,
                                              std::error_code& error) noexcept
{
    std::array<std::uint8_t, 1> data{};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::byte_data, true, command, data}, unused);
    return data[0];
}

void i2c_transactions::write_byte_data(i2c_address address, std::uint8_t command, std::uint8_t value)
{
    std::error_code error;
    write_byte_data(address, command, value, error);
    throw_if(error, address);
}

void i2c_transactions::write_byte_data(i2c_address address, std::uint8_t command, std::uint8_t value,
                                       std::error_code& error) noexcept
{
    std::array<std::uint8_t, 1> data{value};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::byte_data, false, command, data}, unused);
}

std::uint16_t i2c_transactions::read_word_data(i2c_address address, std::uint8_t command)
{
    std::error_code error;
    const auto value = read_word_data(address, command, error);
    throw_if(error, address);
    return value;
}

std::uint16_t i2c_transactions::read_word_data(i2c_address address, std::uint8_t command,
                                               std::error_code& error) noexcept
{
    std::array<std::uint8_t, 2> data{};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::word_data, true, command, data}, unused);
    return static_cast<std::uint16_t>(data[0] | data[1] << 8);
}

void i2c_transactions::write_word_data(i2c_address address, std::uint8_t command, std::uint16_t value)
{
    std::error_code error;
    write_word_data(address, command, value, error);
    throw_if(error, address);
}

void i2c_transactions::write_word_data(i2c_address address, std::uint8_t command, std::uint16_t value,
                                       std::error_code& error) noexcept
{
    std::array data{static_cast<std::uint8_t>(value & 0xff), static_cast<std::uint8_t>(value >> 8)};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::word_data, false, command, data}, unused);
}

std::size_t i2c_transactions::read_block_data(i2c_address address, std::uint8_t command,
                                              std::span<std::uint8_t> into)
{
    std::error_code error;
    const auto size = read_block_data(address, command, into, error);
    throw_if(error, address);
    return size;
}

std::size_t i2c_transactions::read_block_data(i2c_address address, std::uint8_t command,
                                              std::span<std::uint8_t> into, std::error_code& error) noexcept
{
    std::size_t size = 0;
    error = checked_smbus({address, kind::block_data, true, command, into}, size);
    return size;
}

void i2c_transactions::write_block_data(i2c_address address, std::uint8_t command,
                                        std::span<const std::uint8_t> bytes)
{
    std::error_code error;
    write_block_data(address, command, bytes, error);
    throw_if(error, address);
}

void i2c_transactions::write_block_data(i2c_address address, std::uint8_t command,
                                        std::span<const std::uint8_t> bytes, std::error_code& error) noexcept
{
    // One byte more than allowed, so that the check still sees a length that is too long.
    std::array<std::uint8_t, 33> data{};
    const auto size = std::min(bytes.size(), data.size());
    std::ranges::copy(bytes.first(size), data.begin());
    std::size_t unused = 0;
    error = checked_smbus({address, kind::block_data, false, command, std::span{data}.first(size)}, unused);
}

} // namespace resourcelock
