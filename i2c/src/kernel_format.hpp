#pragma once

#include <resourcelock/i2c_transactions.hpp>

#include <cstddef>
#include <cstdint>
#include <system_error>

#include <linux/i2c.h>

/// Transactions as the kernel's ioctls take them, and what it answered.
/// Source: include/uapi/linux/i2c.h, Documentation/i2c/dev-interface.rst of the kernel.
namespace resourcelock::kernel_format {

/// Its bytes stay where they are. The first one of a block whose length the device tells is overwritten.
i2c_msg message(const i2c_message& from) noexcept;

/// I2C_SMBUS_BYTE and its like.
int size_of(const smbus_call& call) noexcept;

/// The command; of a byte without one, the kernel takes the byte for it.
std::uint8_t command_of(const smbus_call& call) noexcept;

/// What is to be sent, and for an i2c block how much is to be read.
i2c_smbus_data data_of(const smbus_call& call) noexcept;

/// Copies an answer to where the call wants it. EIO: an i2c block is shorter than asked for; EPROTO: a block
/// has a length that SMBus does not know.
std::error_code take_answer(const smbus_call& call, const i2c_smbus_data& data,
                            std::size_t& block_size) noexcept;

} // namespace resourcelock::kernel_format
