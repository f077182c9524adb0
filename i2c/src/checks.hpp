#pragma once

#include "adapter.hpp"

#include <chrono>

namespace resourcelock {

constexpr std::size_t longest_message = 8192; // drivers/i2c/i2c-dev.c, i2cdev_ioctl_rdwr

/// Caller mistakes, refused before any system call: addresses and lengths.
std::error_code check_arguments(std::span<const i2c_message> messages) noexcept;
std::error_code check_arguments(const smbus_call& call) noexcept;

/// After a transfer: whether the blocks whose length a device told are 1 to 32 bytes long.
bool told_lengths_exist(std::span<const i2c_message> messages) noexcept;

/// How long messages are on the wires at this clock.
std::chrono::microseconds wire_time(std::span<const i2c_message> messages, std::uint32_t clock_hz) noexcept;

/// What this adapter cannot do. Drivers cannot be relied on to say so: i2c-bcm2835 ignores flags it does not
/// know and sends to another address, and a transfer longer than the adapter's timeout is broken off on the
/// wire.
std::error_code check_limits(std::span<const i2c_message> messages, const adapter_limits& limits,
                             splitting allowed = splitting::never) noexcept;

/// The messages up to and including the first one that reads: what adapters take together that read only in
/// the last message.
std::span<const i2c_message> first_part(std::span<const i2c_message> messages) noexcept;

} // namespace resourcelock
