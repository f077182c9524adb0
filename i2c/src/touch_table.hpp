#pragma once

#include "shared_file.hpp"

#include <resourcelock/i2c_address.hpp>
#include <resourcelock/resource_lock.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace resourcelock {

/// How often each device of a bus was talked to, by all programs that share the bus's lock: whoever gave the
/// bus away sees whether somebody touched its device meanwhile. In /dev/shm/LOCK.touched.
///
/// Counts by address on the wires. Devices with the same address behind a multiplexer count as one, and the
/// general call (address 0) as touching all: a touch may be seen where there was none, never the reverse.
class touch_table {
public:
    /// Throws `std::system_error`.
    touch_table(const std::string& lock_name, const lock_options& options);
    /// One of this object's own, for buses that no other program has.
    touch_table();

    /// Before a transaction, with the bus's lock held.
    void touch(i2c_address address) noexcept;

    /// A number that changes with every touch of this device; nothing when somebody removed the file, so that
    /// programs may count elsewhere.
    [[nodiscard]] std::optional<std::uint32_t> count(i2c_address address) const noexcept;

private:
    static constexpr std::size_t ten_bit = 128; // all of these count as one device
    struct layout {
        char format[16] = "i2c touched 1";
        std::array<std::uint32_t, 129> counts{};
    };

    [[nodiscard]] std::atomic_ref<std::uint32_t> counter(std::size_t which) const noexcept;

    std::unique_ptr<layout> own_;
    std::optional<shared_file> file_;
    layout* table_;
};

} // namespace resourcelock
