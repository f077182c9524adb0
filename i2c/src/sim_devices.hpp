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

/// The devices of a simulated bus, and behind its switch those of channels 0 and 1.
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

/// The same for people, with the addresses that `deliver` knows.
constexpr auto who_answers =
    "0x44 SHT31, 0x48 ADS1115, 0x49 TMP105, 0x50 AT24C32, 0x68 DS3231, 0x70 TCA9548A, 0x76 BME280, and 0x4a "
    "TMP105 behind channels 0 and 1";

/// Gives a message to whoever has its address; returns whether anybody acknowledged it.
bool deliver(devices& all, const i2c_message& message, instant now) noexcept;

/// The STOP that ends a transaction.
void stop(devices& all) noexcept;

} // namespace resourcelock::sim
