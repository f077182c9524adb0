#include "sending.hpp"

#include "checks.hpp"

#include <algorithm>

#include <linux/i2c.h>

namespace resourcelock {

namespace {

using kind = smbus_call::kind;

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

std::error_code send_together(adapter& device, std::span<const i2c_message> messages) noexcept
{
    const auto functionality = device.limits().functionality;
    if ((functionality & I2C_FUNC_I2C) != 0)
        return device.transfer(messages);
    smbus_buffer buffer{};
    const auto call = smbus_equivalent(messages, functionality, buffer);
    if (!call)
        return make_error_code(i2c_errc::not_supported);
    std::size_t unused = 0;
    const auto error = device.smbus(*call, unused);
    if (!error && messages.back().is_read())
        std::ranges::copy(call->data, messages.back().into().begin());
    return error;
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

std::span<const i2c_message> first_part(std::span<const i2c_message> messages) noexcept
{
    std::size_t count = 0;
    while (count < messages.size() && !messages[count++].is_read()) {
    }
    return messages.first(count);
}

std::error_code send(adapter& device, std::span<const i2c_message>& rest, splitting allowed) noexcept
{
    if (allowed == splitting::never)
        return send_together(device, rest);
    auto error = check_limits(rest, device.limits());
    if (!error)
        error = send_together(device, rest); // an adapter that refuses does so before it sends anything
    if (error != i2c_errc::not_supported && error != i2c_errc::too_long)
        return error;
    while (!rest.empty()) {
        const auto part = first_part(rest);
        if (const auto failed = send_together(device, part))
            return failed;
        rest = rest.subspan(part.size());
    }
    return {};
}

} // namespace resourcelock
