#pragma once

#include "descriptor.hpp"
#include "sim_ads1115.hpp"
#include "sim_at24c32.hpp"
#include "sim_sht31.hpp"

#include <string>
#include <string_view>

namespace resourcelock::sim {

/// All devices of a simulated bus, as they lie in its file.
struct devices {
    char format[16] = "i2c-sim 1"; // another number when anything below changes
    ads1115 adc;
    sht31 humidity;
    at24c32 eeprom;
};

/// The file of a simulated bus, /dev/shm/i2c-sim-NAME.devices, created with idle devices when there is none.
class file {
public:
    /// Throws `std::system_error`.
    explicit file(std::string_view name);
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file();

    [[nodiscard]] int number() const noexcept { return descriptor_.get(); }
    [[nodiscard]] devices& contents() const noexcept { return *devices_; }

private:
    descriptor descriptor_;
    devices* devices_;
};

} // namespace resourcelock::sim
