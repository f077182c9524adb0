#pragma once

#include "adapter.hpp"
#include "bus_name.hpp"
#include "descriptor.hpp"

#include <bitset>
#include <ctime>
#include <optional>
#include <string>

namespace resourcelock {

/// A bus of the kernel, through its device node.
/// Source: Documentation/i2c/dev-interface.rst and drivers/i2c/i2c-dev.c of the kernel.
class kernel_adapter final : public adapter {
public:
    /// `force`: also addresses that a kernel driver owns. Throws `std::system_error` when the node cannot be
    /// opened or is no I2C bus; `i2c_errc::bus_gone` when no driver is behind it.
    kernel_adapter(const bus_identity& bus, bool force);

    [[nodiscard]] adapter_limits limits() const noexcept override { return limits_; }
    std::error_code transfer(std::span<const i2c_message> messages) noexcept override;
    std::error_code smbus(const smbus_call& call, std::size_t& block_size) noexcept override;
    [[nodiscard]] bool is_owned(i2c_address address) const noexcept override;
    /// Lets go of an adapter that was removed; looks once per tick of the kernel's clock.
    void hold_began() noexcept override;

private:
    template <class Transaction>
    std::error_code reopening(Transaction transaction) noexcept;
    std::error_code reopen() noexcept;
    [[nodiscard]] bool is_gone() const noexcept;
    std::error_code send_messages(std::span<const i2c_message> messages) noexcept;
    std::error_code send_call(const smbus_call& call, std::size_t& block_size) noexcept;
    std::error_code ask_owner(i2c_address address) noexcept;
    std::error_code select(i2c_address address) noexcept;
    std::error_code switch_pec(bool on) noexcept;

    std::string path_;
    int number_;
    std::string adapter_name_;
    std::optional<descriptor> node_; // none while the adapter is removed
    std::timespec last_look_{};      // whether it is still there
    bool force_;
    adapter_limits limits_;
    std::bitset<128> not_owned_;  // addresses that no kernel driver owned when we asked
    std::optional<int> selected_; // where the kernel sends SMBus calls of this descriptor
    bool pec_ = false;            // whether it adds packet error codes to them
};

} // namespace resourcelock
