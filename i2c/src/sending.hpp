#pragma once

#include "adapter.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

/// How messages get over an adapter: as they are, in parts where it refuses them together, or as an SMBus
/// call where it speaks nothing else.
namespace resourcelock {

/// Room for the data of a call that was made from messages.
using smbus_buffer = std::array<std::uint8_t, 32>;

/// The SMBus call that puts the same bits on the wires as these messages, of those that an adapter has.
std::optional<smbus_call> smbus_equivalent(std::span<const i2c_message> messages, unsigned long functionality,
                                           smbus_buffer& buffer) noexcept;

/// The messages up to and including the first one that reads: what adapters take together that read only in
/// the last message.
std::span<const i2c_message> first_part(std::span<const i2c_message> messages) noexcept;

/// Sends messages that check_limits() let pass. Where they go out in parts, `rest` is what is left when one
/// fails: what arrived is not to be sent again.
std::error_code send(adapter& device, std::span<const i2c_message>& rest, splitting allowed) noexcept;

} // namespace resourcelock
