#pragma once

#include <resourcelock/i2c_message.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>

#include <linux/i2c.h>

namespace resourcelock::sim {

/// What the adapter of a simulated bus can do: at first what i2c-bcm2835 can (Raspberry Pi 0 to 4), so that
/// programs that run here run there. Lies in shared memory: plain data. The functionality is asked without
/// the transaction lock.
class abilities {
public:
    static constexpr std::uint32_t of_bcm2835 =
        I2C_FUNC_I2C | (I2C_FUNC_SMBUS_EMUL & ~static_cast<std::uint32_t>(I2C_FUNC_SMBUS_PEC));

    [[nodiscard]] std::uint32_t functionality() noexcept { return std::atomic_ref{functionality_}.load(); }
    void set_functionality(std::uint32_t bits) noexcept { std::atomic_ref{functionality_}.store(bits); }
    void allow_combined_reads(bool allowed) noexcept { combined_reads_ = allowed ? 1 : 0; }

    /// i2c-bcm2835 only reads in the last message.
    [[nodiscard]] bool can(std::span<const i2c_message> messages) const noexcept
    {
        const auto reads = [](const i2c_message& message) { return message.is_read(); };
        return combined_reads_ != 0 || !std::ranges::any_of(messages.first(messages.size() - 1), reads);
    }

private:
    std::uint32_t functionality_ = of_bcm2835;
    std::uint8_t combined_reads_ = 0;
};

} // namespace resourcelock::sim
