#pragma once

#include "adapter.hpp"
#include "sim_file.hpp"

#include <mutex>
#include <string_view>

namespace resourcelock {

/// A bus for machines without I2C: the devices live in shared memory and keep time. Like the kernel's, it
/// keeps transactions apart and nothing else: sequences of several interleave as on real wires.
class sim_bus final : public adapter {
public:
    explicit sim_bus(std::string_view name) : file_{name} {}

    [[nodiscard]] adapter_limits limits() const noexcept override;
    std::error_code transfer(std::span<const i2c_message> messages) noexcept override;
    std::error_code smbus(const smbus_call& call, std::size_t& block_size) noexcept override;
    void hold_began() noexcept override { file_.contents().transactions.hold_began(); }

private:
    sim::file file_;
    std::mutex threads_;
};

} // namespace resourcelock
