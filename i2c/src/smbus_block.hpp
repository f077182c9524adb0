#pragma once

#include <cstddef>

#include <linux/i2c.h>

namespace resourcelock {

/// The bytes of an SMBus block, as the kernel knows it; specification 3.1 has longer ones.
constexpr std::size_t longest_block = I2C_SMBUS_BLOCK_MAX;

constexpr bool is_block_length(std::size_t size) noexcept { return size >= 1 && size <= longest_block; }

} // namespace resourcelock
