#pragma once

#include <resourcelock/i2c_message.hpp>
#include <resourcelock/i2c_transactions.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

namespace resourcelock {

/// What an adapter can do; asked once, so that checking costs no system call.
struct adapter_limits {
    unsigned long functionality = 0;  ///< I2C_FUNC_* of linux/i2c.h
    std::uint32_t clock_hz = 100'000; ///< I2C's standard mode, where nobody tells
};

/// What carries out transactions: the kernel's driver or a simulation. It is called with arguments that
/// passed every check, by one thread at a time, with the bus's lock held; limits() and is_owned() by any
/// thread at any time.
class adapter {
public:
    adapter() = default;
    adapter(const adapter&) = delete;
    adapter& operator=(const adapter&) = delete;
    virtual ~adapter() = default;

    [[nodiscard]] virtual adapter_limits limits() const noexcept = 0;
    virtual std::error_code transfer(std::span<const i2c_message> messages) noexcept = 0;
    /// Whether a kernel driver owns the address.
    [[nodiscard]] virtual bool is_owned(i2c_address /*address*/) const noexcept { return false; }
    virtual std::error_code smbus(const smbus_call& call, std::size_t& block_size) noexcept = 0;

    /// Before the first transaction of each hold of the bus, be that a session or one transaction. For
    /// adapters that watch what happens inside one hold.
    virtual void hold_began() noexcept {}
};

} // namespace resourcelock
