#pragma once

#include "smbus_block.hpp"

#include <resourcelock/i2c_transactions.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

namespace resourcelock {

/// The messages that an SMBus call consists of on the wires (SMBus specification 3.1, section 6.5), as the
/// kernel makes them for adapters without SMBus hardware (i2c_smbus_xfer_emulated). Packet error codes are
/// left out. The call must live longer.
class smbus_messages {
public:
    explicit smbus_messages(const smbus_call& call) noexcept;
    smbus_messages(const smbus_messages&) = delete;
    smbus_messages& operator=(const smbus_messages&) = delete;

    [[nodiscard]] std::span<const i2c_message> messages() const noexcept
    {
        return std::span{messages_}.subspan(first_, count_);
    }

    /// After the transfer: hands a block whose length the device told to the call.
    std::error_code take_answer(std::size_t& block_size) const noexcept;

    /// The other way round, when the call was carried out elsewhere: the messages show its answer.
    void show_answer(const smbus_call& answered, std::size_t block_size) noexcept;

private:
    const smbus_call& call_;
    std::array<std::uint8_t, 2 + longest_block> sent_{}; // command, length, block
    std::array<std::uint8_t, 1 + longest_block> told_{}; // a block that begins with its length
    std::array<i2c_message, 2> messages_;
    std::size_t first_ = 0;
    std::size_t count_ = 1;
};

} // namespace resourcelock
