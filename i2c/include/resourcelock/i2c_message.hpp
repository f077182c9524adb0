#pragma once

#include <resourcelock/i2c_address.hpp>

#include <cstdint>
#include <span>

namespace resourcelock {

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

    [[nodiscard]] constexpr i2c_address address() const noexcept { return address_; }
    [[nodiscard]] constexpr bool is_read() const noexcept { return is_read_; }
    /// The bytes to send, or those that were read.
    [[nodiscard]] constexpr std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
    /// Where a read goes; empty for a write.
    [[nodiscard]] constexpr std::span<std::uint8_t> into() const noexcept { return into_; }

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
    std::span<const std::uint8_t> bytes_;
    std::span<std::uint8_t> into_;
};

} // namespace resourcelock
