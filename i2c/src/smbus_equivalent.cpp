#include "smbus_equivalent.hpp"

#include <algorithm>

#include <linux/i2c.h>

namespace resourcelock {

namespace {

using kind = smbus_call::kind;

unsigned long function_of(const smbus_call& call) noexcept
{
    switch (call.size) {
    case kind::quick:
        return I2C_FUNC_SMBUS_QUICK;
    case kind::byte:
        return call.is_read ? I2C_FUNC_SMBUS_READ_BYTE : I2C_FUNC_SMBUS_WRITE_BYTE;
    case kind::byte_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_BYTE_DATA : I2C_FUNC_SMBUS_WRITE_BYTE_DATA;
    case kind::word_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_WORD_DATA : I2C_FUNC_SMBUS_WRITE_WORD_DATA;
    case kind::process_call:
        return I2C_FUNC_SMBUS_PROC_CALL;
    case kind::block_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_BLOCK_DATA : I2C_FUNC_SMBUS_WRITE_BLOCK_DATA;
    case kind::i2c_block_data:
        return call.is_read ? I2C_FUNC_SMBUS_READ_I2C_BLOCK : I2C_FUNC_SMBUS_WRITE_I2C_BLOCK;
    case kind::block_process_call:
        return I2C_FUNC_SMBUS_BLOCK_PROC_CALL;
    }
    return 0;
}

bool is_plain(const i2c_message& message) noexcept
{
    return message.flags() == 0 && !message.device_tells_length() && !message.address().is_ten_bit();
}

/// Messages know no packet error codes.
i2c_address without_pec(i2c_address address) noexcept { return i2c_address::reserved(address.value()); }

bool can(const smbus_call& call, unsigned long functionality) noexcept
{
    return !check_limits(call, {.functionality = functionality});
}

/// The first of these kinds that the adapter has.
std::optional<smbus_call> first_possible(smbus_call call, std::initializer_list<kind> kinds,
                                         unsigned long functionality) noexcept
{
    for (const auto size : kinds) {
        call.size = size;
        if (can(call, functionality))
            return call;
    }
    return std::nullopt;
}

std::optional<smbus_call> written(const i2c_message& message, unsigned long functionality,
                                  smbus_buffer& buffer) noexcept
{
    const auto bytes = message.bytes();
    const auto data = bytes.subspan(1);
    if (data.size() > buffer.size())
        return std::nullopt;
    smbus_call call{without_pec(message.address()), kind::byte, false, bytes[0], {}};
    if (data.empty()) {
        buffer[0] = bytes[0];
        call.data = std::span{buffer}.first(1);
        return first_possible(call, {kind::byte}, functionality);
    }
    std::ranges::copy(data, buffer.begin());
    call.data = std::span{buffer}.first(data.size());
    if (data.size() == 1)
        return first_possible(call, {kind::byte_data, kind::i2c_block_data}, functionality);
    if (data.size() == 2)
        return first_possible(call, {kind::word_data, kind::i2c_block_data}, functionality);
    return first_possible(call, {kind::i2c_block_data}, functionality);
}

std::optional<smbus_call> read_after(std::span<const std::uint8_t> sent, const i2c_message& message,
                                     unsigned long functionality, smbus_buffer& buffer) noexcept
{
    const auto size = message.into().size();
    if (size > buffer.size())
        return std::nullopt;
    smbus_call call{without_pec(message.address()), kind::byte, true,
                    sent.empty() ? std::uint8_t{0} : sent[0], std::span{buffer}.first(size)};
    if (sent.empty())
        return size == 1 ? first_possible(call, {kind::byte}, functionality) : std::nullopt;
    if (sent.size() == 3 && size == 2) {
        std::ranges::copy(sent.subspan(1), buffer.begin());
        call.is_read = false;
        return first_possible(call, {kind::process_call}, functionality);
    }
    if (sent.size() != 1)
        return std::nullopt;
    if (size == 1)
        return first_possible(call, {kind::byte_data, kind::i2c_block_data}, functionality);
    if (size == 2)
        return first_possible(call, {kind::word_data, kind::i2c_block_data}, functionality);
    return first_possible(call, {kind::i2c_block_data}, functionality);
}

} // namespace

std::optional<smbus_call> smbus_equivalent(std::span<const i2c_message> messages, unsigned long functionality,
                                           smbus_buffer& buffer) noexcept
{
    if (!std::ranges::all_of(messages, is_plain))
        return std::nullopt;
    const auto& first = messages.front();
    if (messages.size() == 1)
        return first.is_read() ? read_after({}, first, functionality, buffer)
                               : written(first, functionality, buffer);
    const auto& second = messages[1];
    if (messages.size() > 2 || first.is_read() || !second.is_read() || first.address() != second.address())
        return std::nullopt;
    return read_after(first.bytes(), second, functionality, buffer);
}

std::error_code check_limits(const smbus_call& call, const adapter_limits& limits) noexcept
{
    // The SMBus specification knows 7-bit addresses only.
    const auto needed = function_of(call) | (call.address.has_pec() ? I2C_FUNC_SMBUS_PEC : 0UL);
    const bool able = (limits.functionality & needed) == needed && !call.address.is_ten_bit();
    return able ? std::error_code{} : make_error_code(i2c_errc::not_supported);
}

} // namespace resourcelock
