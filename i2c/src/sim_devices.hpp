#pragma once

#include "sim_ads1115.hpp"
#include "sim_at24c32.hpp"
#include "sim_bme280.hpp"
#include "sim_ds3231.hpp"
#include "sim_sht31.hpp"
#include "sim_tca9548a.hpp"
#include "sim_tmp105.hpp"

#include <resourcelock/i2c_message.hpp>

#include <array>

namespace resourcelock::sim {

/// The devices of a simulated bus, and behind its switch those of channels 0 and 1. Their addresses are in
/// `deliver`.
struct devices {
    ads1115 adc;
    sht31 humidity;
    at24c32 eeprom;
    bme280 air;
    ds3231 clock;
    tmp105 thermometer{celsius(21.5)};
    tca9548a mux;
    std::array<tmp105, 2> behind_mux{tmp105{celsius(20)}, tmp105{celsius(30)}};

    static constexpr std::int16_t celsius(double degrees) { return static_cast<std::int16_t>(degrees * 16); }
};

/// Gives a message to whoever has its address; returns whether anybody acknowledged it.
bool deliver(devices& all, const i2c_message& message, instant now) noexcept;

/// The STOP that ends a transaction.
void stop(devices& all) noexcept;

} // namespace resourcelock::sim
