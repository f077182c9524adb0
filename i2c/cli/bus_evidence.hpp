#pragma once

#include "bus_name.hpp"
#include "findings.hpp"
#include "node_access.hpp"
#include "node_users.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// What can be seen of a bus without using it: device node, adapter, kernel drivers, lock, and who has the
/// node and the lock open. Looking changes nothing.
namespace resourcelock::cli {

/// What drives an adapter: a device and its driver, which can be taken from it and given back.
struct controller {
    std::filesystem::path device;        ///< its folder in /sys/devices
    std::filesystem::path driver_folder; ///< with the files bind and unbind
    std::string driver;
};
/// That of a root adapter; nothing for an adapter without one, such as that of i2c-stub.
std::optional<controller> controller_of(int root);

struct bound_address {
    int address = 0;
    std::string driver;
};

/// Which bus is meant, also when its device node does not exist: then the text tells the number. Throws as
/// identify_bus() does.
bus_identity meant_bus(std::string_view bus);

struct bus_evidence {
    bus_identity bus;
    std::optional<guarded_file> node;
    int open_error = 0;       ///< why this process cannot open the node; 0: it can
    bool has_i2c_dev = false; ///< the kernel's module for device nodes is there
    bool has_adapter = false; ///< the kernel knows the adapter
    std::optional<int> root;  ///< the adapter whose wires it uses
    std::optional<controller> driven_by;
    std::vector<bound_address> kernel_drivers;
    node_users users; ///< of the nodes on the same wires
    std::vector<guarded_file> lock_files;
    std::optional<lock_case> lock; ///< nothing when this user may not read it

    [[nodiscard]] bool is_simulated() const noexcept { return !bus.number; }
    [[nodiscard]] bool is_behind_multiplexer() const noexcept { return root && root != bus.number; }
    /// Those who can disturb the others: neither they nor their ancestors have the lock open. Nothing when
    /// the lock could not be read.
    [[nodiscard]] std::vector<node_user> users_without_lock() const;
};

bus_evidence look_at_bus(std::string_view bus);

/// The device nodes of all adapters on the same wires.
std::vector<dev_t> devices_on_wires(const bus_identity& bus);

} // namespace resourcelock::cli
