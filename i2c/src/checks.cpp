#include "checks.hpp"

#include "smbus_block.hpp"
#include "smbus_equivalent.hpp"

#include <algorithm>

#include <linux/i2c-dev.h>
#include <linux/i2c.h>

namespace resourcelock {

namespace {

constexpr std::size_t most_messages = I2C_RDWR_IOCTL_MAX_MSGS;
constexpr std::size_t longest_told_block = 1 + longest_block; // with its length
constexpr std::chrono::seconds adapter_timeout{1};            // unless somebody called I2C_TIMEOUT

unsigned long functions_of(const i2c_message& message) noexcept
{
    constexpr auto no_start = static_cast<std::uint16_t>(i2c_flag::no_start);
    unsigned long needed = I2C_FUNC_I2C;
    if (message.address().is_ten_bit())
        needed |= I2C_FUNC_10BIT_ADDR;
    if (message.device_tells_length())
        needed |= I2C_FUNC_SMBUS_READ_BLOCK_DATA;
    if ((message.flags() & no_start) != 0)
        needed |= I2C_FUNC_NOSTART;
    if ((message.flags() & ~no_start) != 0)
        needed |= I2C_FUNC_PROTOCOL_MANGLING;
    return needed;
}

/// Whether the adapter takes these messages together, as they are or as an SMBus call.
bool can_send(std::span<const i2c_message> messages, unsigned long functionality) noexcept
{
    if ((functionality & I2C_FUNC_I2C) == 0) {
        smbus_buffer unused{};
        return smbus_equivalent(messages, functionality, unused).has_value();
    }
    return std::ranges::all_of(messages, [functionality](const auto& message) {
        const auto needed = functions_of(message);
        return (functionality & needed) == needed;
    });
}

/// Whether the blocks of a call fit. A device may send 32 bytes whatever the caller hoped for; and libi2c
/// would silently cut longer writes.
bool blocks_fit(const smbus_call& call) noexcept
{
    switch (call.size) {
    case smbus_call::kind::block_data:
        return call.is_read ? call.data.size() >= longest_block : is_block_length(call.data.size());
    case smbus_call::kind::i2c_block_data:
        return is_block_length(call.data.size());
    case smbus_call::kind::block_process_call:
        return is_block_length(call.to_write) && call.data.size() >= longest_block;
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
        const auto bytes = message.bytes();
        const bool has_room = !message.device_tells_length() || bytes.size() >= longest_told_block;
        if (bytes.empty() || bytes.data() == nullptr || bytes.size() > longest_message || !has_room)
            return make_error_code(i2c_errc::bad_length);
    }
    return {};
}

std::error_code check_arguments(const smbus_call& call) noexcept
{
    if (!call.address.valid())
        return make_error_code(i2c_errc::bad_address);
    const bool has_memory = call.data.empty() || call.data.data() != nullptr;
    return blocks_fit(call) && has_memory ? std::error_code{} : make_error_code(i2c_errc::bad_length);
}

bool told_lengths_exist(std::span<const i2c_message> messages) noexcept
{
    return std::ranges::all_of(messages, [](const i2c_message& message) {
        return !message.device_tells_length() || is_block_length(message.into()[0]);
    });
}

std::chrono::microseconds wire_time(std::span<const i2c_message> messages, std::uint32_t clock_hz) noexcept
{
    // Nine clocks a byte (the ninth is the acknowledge), address included, and START or STOP in about one
    // more.
    std::uint64_t clocks = 1;
    for (const auto& message : messages) {
        const auto size = message.device_tells_length() ? longest_told_block : message.bytes().size();
        clocks += 1 + 9 * (size + (message.address().is_ten_bit() ? 2U : 1U));
    }
    return std::chrono::microseconds{clocks * 1'000'000 / clock_hz};
}

std::span<const i2c_message> first_part(std::span<const i2c_message> messages) noexcept
{
    std::size_t count = 0;
    while (count < messages.size() && !messages[count++].is_read()) {
    }
    return messages.first(count);
}

std::error_code check_limits(std::span<const i2c_message> messages, const adapter_limits& limits,
                             splitting allowed) noexcept
{
    std::error_code error;
    if (!can_send(messages, limits.functionality))
        error = make_error_code(i2c_errc::not_supported);
    else if (wire_time(messages, limits.clock_hz) > adapter_timeout)
        error = make_error_code(i2c_errc::too_long);
    if (!error || allowed == splitting::never)
        return error;
    while (!messages.empty()) {
        const auto part = first_part(messages);
        if (const auto refused = check_limits(part, limits, splitting::never))
            return refused;
        messages = messages.subspan(part.size());
    }
    return {};
}

} // namespace resourcelock
