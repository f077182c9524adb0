#pragma once

#include "shared_file.hpp"
#include "sim_abilities.hpp"
#include "sim_clock.hpp"
#include "sim_devices.hpp"
#include "sim_faults.hpp"
#include "sim_traffic.hpp"

#include <string_view>

namespace resourcelock::sim {

/// All that programs share of a simulated bus, as it lies in its file.
struct shared_bus {
    char format[16] = "i2c-sim 2"; // another number when anything below changes
    bus_clock time;
    fault_list faults;
    traffic transactions;
    abilities adapter;
    devices chips;
};

/// The file of a simulated bus, /dev/shm/i2c-sim-NAME.devices, made with devices just switched on when there
/// is none.
class file {
public:
    /// Throws `std::system_error`.
    explicit file(std::string_view name);

    [[nodiscard]] int number() const noexcept { return file_.number(); }
    [[nodiscard]] shared_bus& contents() const noexcept { return *static_cast<shared_bus*>(file_.memory()); }

private:
    shared_file file_;
};

} // namespace resourcelock::sim
