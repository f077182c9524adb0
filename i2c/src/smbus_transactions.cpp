#include <resourcelock/i2c_transactions.hpp>

#include "checks.hpp"
#include "smbus_block.hpp"

#include <algorithm>
#include <array>

namespace resourcelock {

using kind = smbus_call::kind;

namespace {

std::array<std::uint8_t, 2> as_bytes(std::uint16_t word) noexcept
{
    return {static_cast<std::uint8_t>(word & 0xff), static_cast<std::uint8_t>(word >> 8)};
}

std::uint16_t as_word(const std::array<std::uint8_t, 2>& bytes) noexcept
{
    return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
}

/// A block to write, in memory that a call may change. One byte longer than allowed at most, so that the
/// check still sees a length that is too long; of bytes that are nowhere, none.
struct block {
    explicit block(std::span<const std::uint8_t> bytes) noexcept : size{size_of(bytes)}
    {
        std::ranges::copy(bytes.first(size), data.begin());
    }
    std::array<std::uint8_t, longest_block + 1> data{};
    std::size_t size;

    static std::size_t size_of(std::span<const std::uint8_t> bytes) noexcept
    {
        return bytes.data() == nullptr ? 0 : std::min(bytes.size(), std::tuple_size_v<decltype(data)>);
    }
    [[nodiscard]] std::span<std::uint8_t> bytes() noexcept { return std::span{data}.first(size); }
};

} // namespace

std::error_code i2c_transactions::checked_smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    block_size = 0;
    if (const auto error = check_arguments(call))
        return error;
    auto fitting = call; // a block is no longer, however much room there is for it
    fitting.data = call.data.first(std::min(call.data.size(), longest_block));
    return do_smbus(fitting, block_size);
}

void i2c_transactions::write_quick(i2c_address address, bool bit)
{
    std::error_code error;
    write_quick(address, bit, error);
    throw_if(error, address);
}

void i2c_transactions::write_quick(i2c_address address, bool bit, std::error_code& error) noexcept
{
    std::size_t unused = 0;
    error = checked_smbus({address, kind::quick, bit, 0, {}}, unused);
}

std::uint8_t i2c_transactions::read_byte(i2c_address address)
{
    std::error_code error;
    const auto value = read_byte(address, error);
    throw_if(error, address);
    return value;
}

std::uint8_t i2c_transactions::read_byte(i2c_address address, std::error_code& error) noexcept
{
    std::array<std::uint8_t, 1> data{};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::byte, true, 0, data}, unused);
    return data[0];
}

void i2c_transactions::write_byte(i2c_address address, std::uint8_t value)
{
    std::error_code error;
    write_byte(address, value, error);
    throw_if(error, address);
}

void i2c_transactions::write_byte(i2c_address address, std::uint8_t value, std::error_code& error) noexcept
{
    std::array<std::uint8_t, 1> data{value};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::byte, false, 0, data}, unused);
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
    return as_word(data);
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
    auto data = as_bytes(value);
    std::size_t unused = 0;
    error = checked_smbus({address, kind::word_data, false, command, data}, unused);
}

std::uint16_t i2c_transactions::process_call(i2c_address address, std::uint8_t command, std::uint16_t value)
{
    std::error_code error;
    const auto answer = process_call(address, command, value, error);
    throw_if(error, address);
    return answer;
}

std::uint16_t i2c_transactions::process_call(i2c_address address, std::uint8_t command, std::uint16_t value,
                                             std::error_code& error) noexcept
{
    auto data = as_bytes(value);
    std::size_t unused = 0;
    error = checked_smbus({address, kind::process_call, false, command, data}, unused);
    return error ? std::uint16_t{0} : as_word(data);
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
    block to_write{bytes};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::block_data, false, command, to_write.bytes()}, unused);
}

void i2c_transactions::read_i2c_block_data(i2c_address address, std::uint8_t command,
                                           std::span<std::uint8_t> into)
{
    std::error_code error;
    read_i2c_block_data(address, command, into, error);
    throw_if(error, address);
}

void i2c_transactions::read_i2c_block_data(i2c_address address, std::uint8_t command,
                                           std::span<std::uint8_t> into, std::error_code& error) noexcept
{
    std::size_t unused = 0;
    error = checked_smbus({address, kind::i2c_block_data, true, command, into}, unused);
}

void i2c_transactions::write_i2c_block_data(i2c_address address, std::uint8_t command,
                                            std::span<const std::uint8_t> bytes)
{
    std::error_code error;
    write_i2c_block_data(address, command, bytes, error);
    throw_if(error, address);
}

void i2c_transactions::write_i2c_block_data(i2c_address address, std::uint8_t command,
                                            std::span<const std::uint8_t> bytes,
                                            std::error_code& error) noexcept
{
    block to_write{bytes};
    std::size_t unused = 0;
    error = checked_smbus({address, kind::i2c_block_data, false, command, to_write.bytes()}, unused);
}

std::size_t i2c_transactions::block_process_call(i2c_address address, std::uint8_t command,
                                                 std::span<const std::uint8_t> bytes,
                                                 std::span<std::uint8_t> into)
{
    std::error_code error;
    const auto size = block_process_call(address, command, bytes, into, error);
    throw_if(error, address);
    return size;
}

std::size_t i2c_transactions::block_process_call(i2c_address address, std::uint8_t command,
                                                 std::span<const std::uint8_t> bytes,
                                                 std::span<std::uint8_t> into,
                                                 std::error_code& error) noexcept
{
    block data{bytes};
    const auto to_write = data.size;
    data.size = block::size_of(into);
    std::size_t size = 0;
    error = checked_smbus({address, kind::block_process_call, false, command, data.bytes(), to_write}, size);
    std::ranges::copy(data.bytes().first(size), into.begin());
    return size;
}

} // namespace resourcelock
