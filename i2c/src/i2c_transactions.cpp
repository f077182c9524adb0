#include <resourcelock/i2c_transactions.hpp>

#include "checks.hpp"

#include <algorithm>
#include <array>

namespace resourcelock {

namespace {

using const_bytes = std::span<const std::uint8_t>;

const_bytes as_span(std::initializer_list<std::uint8_t> bytes) noexcept
{
    return {bytes.begin(), bytes.size()};
}

/// The address to name when a transfer failed: an invalid one, or the one that all messages share.
std::optional<i2c_address> address_to_name(std::span<const i2c_message> messages) noexcept
{
    if (messages.empty())
        return std::nullopt;
    const auto invalid = std::ranges::find_if(messages, [](const auto& m) { return !m.address().valid(); });
    if (invalid != messages.end())
        return invalid->address();
    const auto first = messages.front().address();
    const bool same = std::ranges::all_of(messages, [first](const auto& m) { return m.address() == first; });
    return same ? std::optional{first} : std::nullopt;
}

} // namespace

std::error_code i2c_transactions::checked_transfer(std::span<const i2c_message> messages,
                                                   splitting allowed) noexcept
{
    if (const auto error = check_arguments(messages))
        return error;
    return do_transfer(messages, allowed);
}

void i2c_transactions::throw_if(std::error_code error, std::optional<i2c_address> address) const
{
    if (error)
        throw std::system_error{error, explain(error, address)};
}

void i2c_transactions::write(i2c_address address, const_bytes bytes)
{
    std::error_code error;
    write(address, bytes, error);
    throw_if(error, address);
}

void i2c_transactions::write(i2c_address address, const_bytes bytes, std::error_code& error) noexcept
{
    const std::array messages{i2c_message::write(address, bytes)};
    error = checked_transfer(messages);
}

void i2c_transactions::write(i2c_address address, std::initializer_list<std::uint8_t> bytes)
{
    write(address, as_span(bytes));
}

void i2c_transactions::write(i2c_address address, std::initializer_list<std::uint8_t> bytes,
                             std::error_code& error) noexcept
{
    write(address, as_span(bytes), error);
}

void i2c_transactions::read(i2c_address address, std::span<std::uint8_t> into)
{
    std::error_code error;
    read(address, into, error);
    throw_if(error, address);
}

void i2c_transactions::read(i2c_address address, std::span<std::uint8_t> into,
                            std::error_code& error) noexcept
{
    const std::array messages{i2c_message::read(address, into)};
    error = checked_transfer(messages);
}

void i2c_transactions::write_read(i2c_address address, const_bytes bytes, std::span<std::uint8_t> into)
{
    std::error_code error;
    write_read(address, bytes, into, error);
    throw_if(error, address);
}

void i2c_transactions::write_read(i2c_address address, const_bytes bytes, std::span<std::uint8_t> into,
                                  std::error_code& error) noexcept
{
    const std::array messages{i2c_message::write(address, bytes), i2c_message::read(address, into)};
    error = checked_transfer(messages);
}

void i2c_transactions::write_read(i2c_address address, std::initializer_list<std::uint8_t> bytes,
                                  std::span<std::uint8_t> into)
{
    write_read(address, as_span(bytes), into);
}

void i2c_transactions::write_read(i2c_address address, std::initializer_list<std::uint8_t> bytes,
                                  std::span<std::uint8_t> into, std::error_code& error) noexcept
{
    write_read(address, as_span(bytes), into, error);
}

void i2c_transactions::transfer(std::span<const i2c_message> messages)
{
    throw_if(checked_transfer(messages), address_to_name(messages));
}

void i2c_transactions::transfer(std::span<const i2c_message> messages, std::error_code& error) noexcept
{
    error = checked_transfer(messages);
}

void i2c_transactions::transfer(std::initializer_list<i2c_message> messages)
{
    transfer(std::span{messages.begin(), messages.size()});
}

void i2c_transactions::transfer(std::initializer_list<i2c_message> messages, std::error_code& error) noexcept
{
    transfer(std::span{messages.begin(), messages.size()}, error);
}

void i2c_transactions::transfer_in_parts(std::span<const i2c_message> messages)
{
    throw_if(checked_transfer(messages, splitting::where_refused), address_to_name(messages));
}

void i2c_transactions::transfer_in_parts(std::span<const i2c_message> messages,
                                         std::error_code& error) noexcept
{
    error = checked_transfer(messages, splitting::where_refused);
}

void i2c_transactions::transfer_in_parts(std::initializer_list<i2c_message> messages)
{
    transfer_in_parts(std::span{messages.begin(), messages.size()});
}

void i2c_transactions::transfer_in_parts(std::initializer_list<i2c_message> messages,
                                         std::error_code& error) noexcept
{
    transfer_in_parts(std::span{messages.begin(), messages.size()}, error);
}

} // namespace resourcelock
