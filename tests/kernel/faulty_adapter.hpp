#pragma once

#include <array>
#include <cstdint>

/// The adapter that fails on demand, for the program that is one (faulty_adapter.cpp) and for tests that use
/// it.
namespace faulty {

constexpr int memory = 0x50; ///< 256 bytes; the first byte written is the pointer
constexpr int owned = 0x67;  ///< as if a driver of the kernel had it: ioctl(I2C_SLAVE) fails with EBUSY
constexpr int control =
    0x10; ///< not a device: what is written there is an `order`, what is read an `account`

/// What happens to the next `count` transfers to other addresses than `control`. They are delayed, then
/// fail with `error`, or (error 0) carry out `messages` of their messages; all of them if it is 0.
struct order {
    std::uint8_t error = 0;
    std::uint8_t count = 0;
    std::uint8_t delay_in_10_ms = 0;
    std::uint8_t messages = 0;
};

/// What was asked of it since the last order, not counting its control.
struct account {
    std::uint8_t transfers = 0;
    std::uint8_t owner_questions = 0; ///< ioctl(I2C_SLAVE)
};

} // namespace faulty
