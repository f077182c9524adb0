#include "checks.hpp"

#include <linux/i2c-dev.h>
#include <linux/i2c.h>

namespace resourcelock {

namespace {

constexpr std::size_t longest_message = 8192; // drivers/i2c/i2c-dev.c, i2cdev_ioctl_rdwr
constexpr std::size_t most_messages = I2C_RDWR_IOCTL_MAX_MSGS;
constexpr std::uint64_t adapter_timeout_us = 1'000'000; // one second unless somebody called I2C_TIMEOUT

/// Nine clocks a byte (the ninth is the acknowledge), address included, and START or STOP in about one more.
std::uint64_t wire_time_us(std::span<const i2c_message> messages, std::uint32_t clock_hz) noexcept
{
    std::uint64_t clocks = 1;
    for (const auto& message : messages)
        clocks += 1 + 9 * (message.bytes().size() + (message.address().is_ten_bit() ? 2U : 1U));
    return clocks * 1'000'000 / clock_hz;
}

unsigned long function_of(const smbus_call& call) noexcept
{
    switch (call.size) {
    case smbus_call::kind::quick:
        return I2C_FUNC_SMBUS_QUICK;
    case smbus_call::kind::byte:
        return call.is_read ? I2C_FUNC_SMBUS_READ_BYTE : I2C_FUNC_SMBUS_WRITE_BYTE;
    case smbus_call::kind::byte_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_BYTE_DATA : I2C_FUNC_SMBUS_WRITE_BYTE_DATA;
    case smbus_call::kind::word_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_WORD_DATA : I2C_FUNC_SMBUS_WRITE_WORD_DATA;
    case smbus_call::kind::process_call:
        return I2C_FUNC_SMBUS_PROC_CALL;
    case smbus_call::kind::block_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_BLOCK_DATA : I2C_FUNC_SMBUS_WRITE_BLOCK_DATA;
    case smbus_call::kind::i2c_block_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_I2C_BLOCK : I2C_FUNC_SMBUS_WRITE_I2C_BLOCK;
    case smbus_call::kind::block_process_call:
        return I2C_FUNC_SMBUS_BLOCK_PROC_CALL;
    }
    return 0;
}

bool is_block_length(std::size_t size) noexcept { return size >= 1 && size <= I2C_SMBUS_BLOCK_MAX; }

/// Whether the blocks of a call fit. A device may send 32 bytes whatever the caller hoped for; and libi2c
/// would silently cut longer writes.
bool blocks_fit(const smbus_call& call) noexcept
{
    switch (call.size) {
    case smbus_call::kind::block_data:
        return call.is_read ? call.data.size() >= I2C_SMBUS_BLOCK_MAX : is_block_length(call.data.size());
    case smbus_call::kind::i2c_block_data:
        return is_block_length(call.data.size());
    case smbus_call::kind::block_process_call:
        return is_block_length(call.to_write) && call.data.size() >= I2C_SMBUS_BLOCK_MAX;
    default:
        return true;
    }
}

} // namespace

std::error_code check_arguments(std::span<const i2c_message> messages) noexcept
{
    if (messages.empty() || messages.size() > most_messages)
        return make_error_code(i2c_errc::bad_length);
    for (const auto& message : messages) {
        if (!message.address().valid())
            return make_error_code(i2c_errc::bad_address);
        if (message.bytes().empty() || message.bytes().size() > longest_message)
            return make_error_code(i2c_errc::bad_length);
    }
    return {};
}

std::error_code check_arguments(const smbus_call& call) noexcept
{
    if (!call.address.valid())
        return make_error_code(i2c_errc::bad_address);
    return blocks_fit(call) ? std::error_code{} : make_error_code(i2c_errc::bad_length);
}

std::error_code check_limits(std::span<const i2c_message> messages, const adapter_limits& limits) noexcept
{
    if ((limits.functionality & I2C_FUNC_I2C) == 0)
        return make_error_code(i2c_errc::not_supported);
    for (const auto& message : messages)
        if (message.address().is_ten_bit() && (limits.functionality & I2C_FUNC_10BIT_ADDR) == 0)
            return make_error_code(i2c_errc::not_supported);
    if (wire_time_us(messages, limits.clock_hz) > adapter_timeout_us)
        return make_error_code(i2c_errc::bad_length);
    return {};
}

std::error_code check_limits(const smbus_call& call, const adapter_limits& limits) noexcept
{
    // The SMBus specification knows 7-bit addresses only.
    const auto needed = function_of(call) | (call.address.has_pec() ? I2C_FUNC_SMBUS_PEC : 0UL);
    const bool able = (limits.functionality & needed) == needed && !call.address.is_ten_bit();
    return able ? std::error_code{} : make_error_code(i2c_errc::not_supported);
}

} // namespace resourcelock
