#pragma once

#include <resourcelock/resource_lock.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace resourcelock {

/// Where the kernel shows its adapters; tests give a tree of their own.
struct system_roots {
    std::string dev = "/dev";
    std::string sys = "/sys";
};

/// Which bus is meant, and what follows from that.
struct bus_identity {
    std::string name;                        ///< "sim:NAME", or the path of the device node
    std::string lock_name;                   ///< the same for every bus on the same wires
    lock_options lock;                       ///< lets those use the lock who may use the bus
    std::optional<int> number;               ///< of the kernel's adapter; none: a simulated bus
    std::optional<std::uint32_t> clock_hz{}; ///< where the device tree tells
    std::string adapter_name;                ///< as `i2cdetect -l` shows it
};

/// Finds out which bus a caller means. Throws `std::system_error` with a sentence that says what to do.
bus_identity identify_bus(std::string_view bus, const system_roots& roots = {});

/// An adapter as the kernel tells of it, whether it has a device node or not; without `lock`, which follows
/// from the node.
bus_identity known_to_kernel(int number, const system_roots& roots = {});

} // namespace resourcelock
