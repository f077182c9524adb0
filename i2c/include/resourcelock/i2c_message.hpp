#pragma once

#include <resourcelock/i2c_address.hpp>

#include <cstdint>
#include <span>

namespace resourcelock {

/// Deviations from the protocol, for devices that need them. Few adapters have them, and none of the
/// Raspberry Pi's: others are refused with `i2c_errc::not_supported`. Source:
/// Documentation/i2c/i2c-protocol.rst of the kernel, "Modified transactions"; the values are I2C_M_* of
/// linux/i2c.h.
enum class i2c_flag : std::uint16_t {
    no_read_acknowledge = 0x0800, ///< the controller acknowledges no byte that it reads
    ignore_nak = 0x1000,          ///< a byte that is not acknowledged counts as acknowledged
    reverse_direction = 0x2000,   ///< the address goes out with the other direction's bit
    no_start = 0x4000,            ///< the bytes follow those of the message before: no START, no address
    stop = 0x8000,                ///< STOP after this message, START before the next
};

/// One message of a combined transfer: START, address, bytes in one direction. The bytes belong to the caller
/// and must live until the transfer returns.
class i2c_message {
public:
    /// Bytes to the target.
    static constexpr i2c_message write(i2c_address address, std::span<const std::uint8_t> bytes) noexcept
    {
        return {address, bytes};
    }

    /// Bytes from the target; their number is the size of `into`.
    static constexpr i2c_message read(i2c_address address, std::span<std::uint8_t> into) noexcept
    {
        return {address, into, into};
    }

    /// A block whose length the device tells in its first byte (I2C_M_RECV_LEN). `into` has room for 33 bytes
    /// or more; afterwards `into[0]` is the length, 1 to 32, and the block follows. Needs an adapter with
    /// I2C_FUNC_SMBUS_READ_BLOCK_DATA, which the Raspberry Pi's lacks.
    static constexpr i2c_message read_block(i2c_address address, std::span<std::uint8_t> into) noexcept
    {
        auto message = read(address, into);
        message.device_tells_length_ = true;
        return message;
    }

    /// The same message with a deviation more.
    [[nodiscard]] constexpr i2c_message with(i2c_flag flag) const noexcept
    {
        auto message = *this;
        message.flags_ = static_cast<std::uint16_t>(message.flags_ | static_cast<std::uint16_t>(flag));
        return message;
    }

    /// Of the target.
    [[nodiscard]] constexpr i2c_address address() const noexcept { return address_; }
    /// Whether the bytes come from the target.
    [[nodiscard]] constexpr bool is_read() const noexcept { return is_read_; }
    /// The bytes to send, or those that were read.
    [[nodiscard]] constexpr std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
    /// Where a read goes; empty for a write.
    [[nodiscard]] constexpr std::span<std::uint8_t> into() const noexcept { return into_; }
    /// Whether read_block() made it.
    [[nodiscard]] constexpr bool device_tells_length() const noexcept { return device_tells_length_; }
    /// All its `i2c_flag`s, or-ed.
    [[nodiscard]] constexpr std::uint16_t flags() const noexcept { return flags_; }

private:
    constexpr i2c_message(i2c_address address, std::span<const std::uint8_t> bytes) noexcept
        : address_{address}, is_read_{false}, bytes_{bytes}
    {}
    constexpr i2c_message(i2c_address address, std::span<const std::uint8_t> bytes,
                          std::span<std::uint8_t> into) noexcept
        : address_{address}, is_read_{true}, bytes_{bytes}, into_{into}
    {}

    i2c_address address_;
    bool is_read_;
    bool device_tells_length_ = false;
    std::uint16_t flags_ = 0;
    std::span<const std::uint8_t> bytes_;
    std::span<std::uint8_t> into_;
};

} // namespace resourcelock
