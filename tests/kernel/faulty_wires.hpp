#pragma once

#include "faulty_adapter.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>
#include <thread>
#include <vector>

#include <linux/i2c.h>

namespace faulty {

/// The wires of the adapter that fails on demand, and what is on them. One thread: transfers follow one
/// another, as with the kernel's adapters.
class wires {
public:
    /// Returns how many messages were carried out, or -errno. `data` has a buffer for each message.
    int transfer(std::span<const i2c_msg> messages, std::vector<std::vector<std::uint8_t>>& data)
    {
        if (messages[0].addr == control)
            return talk(messages[0], data[0]);
        ++account_.transfers;
        const auto ordered = next_order();
        std::this_thread::sleep_for(std::chrono::milliseconds{10 * ordered.delay_in_10_ms});
        if (ordered.error != 0)
            return -ordered.error;
        int done = 0;
        for (const auto& message : messages) {
            if (message.addr != memory)
                return -ENXIO;
            if (ordered.messages != 0 && done == ordered.messages)
                break;
            for (auto& byte : data[static_cast<std::size_t>(done)])
                remember(byte, (message.flags & I2C_M_RD) != 0,
                         &byte == data[static_cast<std::size_t>(done)].data());
            ++done;
        }
        return done;
    }

    int ask_owner(unsigned long address)
    {
        if (address > 0x7f)
            return -EINVAL;
        if (address != control)
            ++account_.owner_questions;
        return address == owned ? -EBUSY : 0;
    }

private:
    int talk(const i2c_msg& message, std::vector<std::uint8_t>& bytes)
    {
        if ((message.flags & I2C_M_RD) != 0) {
            if (bytes.size() != sizeof account_)
                return -EINVAL;
            std::memcpy(bytes.data(), &account_, sizeof account_);
        } else {
            if (bytes.size() != sizeof order_)
                return -EINVAL;
            std::memcpy(&order_, bytes.data(), sizeof order_);
            account_ = {};
        }
        return 1;
    }

    order next_order()
    {
        if (order_.count == 0)
            return {};
        --order_.count;
        return order_;
    }

    void remember(std::uint8_t& byte, bool is_read, bool is_first)
    {
        if (is_read)
            byte = memory_[pointer_++];
        else if (is_first)
            pointer_ = byte;
        else
            memory_[pointer_++] = byte;
    }

    std::array<std::uint8_t, 256> memory_{};
    std::uint8_t pointer_ = 0; // wraps at 256, as the memory
    order order_{};
    account account_{};
};

} // namespace faulty
