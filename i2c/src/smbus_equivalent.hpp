#pragma once

#include "adapter.hpp"
#include "smbus_block.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

/// SMBus calls, as far as an adapter has them.
namespace resourcelock {

/// Room for the data of a call that was made from messages.
using smbus_buffer = std::array<std::uint8_t, longest_block>;

/// The SMBus call that puts the same bits on the wires as these messages, of those that an adapter has.
std::optional<smbus_call> smbus_equivalent(std::span<const i2c_message> messages, unsigned long functionality,
                                           smbus_buffer& buffer) noexcept;

/// What this adapter cannot do: `i2c_errc::not_supported`.
std::error_code check_limits(const smbus_call& call, const adapter_limits& limits) noexcept;

} // namespace resourcelock
