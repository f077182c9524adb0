#pragma once

#include "adapter.hpp"

#include <span>

/// How messages get over an adapter: as they are, in parts where it refuses them together, or as an SMBus
/// call where it speaks nothing else.
namespace resourcelock {

/// Sends messages that check_limits() let pass. Where they go out in parts, `rest` is what is left when one
/// fails: what arrived is not to be sent again.
std::error_code send(adapter& device, std::span<const i2c_message>& rest, splitting allowed) noexcept;

} // namespace resourcelock
