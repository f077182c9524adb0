#pragma once

#include "descriptor.hpp"
#include "sim_abilities.hpp"
#include "sim_clock.hpp"
#include "sim_devices.hpp"
#include "sim_faults.hpp"
#include "sim_traffic.hpp"

#include <string>
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
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file();

    [[nodiscard]] int number() const noexcept { return descriptor_.get(); }
    [[nodiscard]] shared_bus& contents() const noexcept { return *contents_; }

private:
    descriptor descriptor_;
    shared_bus* contents_;
};

} // namespace resourcelock::sim
