#pragma once

#include "adapter.hpp"
#include "bus_name.hpp"
#include "descriptor.hpp"

#include <bitset>
#include <optional>

namespace resourcelock {

/// A bus of the kernel, through its device node.
/// Source: Documentation/i2c/dev-interface.rst and drivers/i2c/i2c-dev.c of the kernel.
class kernel_adapter final : public adapter {
public:
    /// `force`: also addresses that a kernel driver owns. Throws `std::system_error` when the node cannot be
    /// opened or is no I2C bus.
    kernel_adapter(const bus_identity& bus, bool force);

    [[nodiscard]] adapter_limits limits() const noexcept override { return limits_; }
    std::error_code transfer(std::span<const i2c_message> messages) noexcept override;
    std::error_code smbus(const smbus_call& call, std::size_t& block_size) noexcept override;

private:
    std::error_code ask_owner(i2c_address address) noexcept;
    std::error_code select(i2c_address address) noexcept;
    std::error_code switch_pec(bool on) noexcept;

    descriptor node_;
    bool force_;
    adapter_limits limits_;
    std::bitset<128> not_owned_;  // addresses that no kernel driver owned when we asked
    std::optional<int> selected_; // where the kernel sends SMBus calls of this descriptor
    bool pec_ = false;            // whether it adds packet error codes to them
};

} // namespace resourcelock
