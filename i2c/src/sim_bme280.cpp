#include "sim_bme280.hpp"

#include <array>

namespace resourcelock::sim {

namespace {

using namespace std::chrono_literals;

enum at : std::uint8_t {
    first_calibration = 0x88,
    chip_id = 0xd0,
    reset = 0xe0,
    second_calibration = 0xe1,
    ctrl_hum = 0xf2,
    status = 0xf3,
    ctrl_meas = 0xf4,
    config = 0xf5,
    first_data = 0xf7,
    last_data = 0xfe,
};

constexpr std::array<std::uint8_t, 26> calibration_88{0x10, 0x6e, 0x6c, 0x66, 0x32, 0x00, 0x5d, 0x95, 0xb8,
                                                      0xd5, 0xd0, 0x0b, 0x77, 0x1e, 0x9d, 0xff, 0xf9, 0xff,
                                                      0xac, 0x26, 0x0a, 0xd8, 0xbd, 0x10, 0x00, 0x4b};
constexpr std::array<std::uint8_t, 7> calibration_e1{0x6e, 0x01, 0x00, 0x13, 0x05, 0x00, 0x1e};

constexpr std::uint32_t air_pressure = 0x4a52c;
constexpr std::uint32_t air_temperature = 0x8096c;
constexpr std::uint16_t air_humidity = 0x7a76;
constexpr std::uint32_t skipped = 0x80000;
constexpr std::uint16_t skipped_humidity = 0x8000;

enum mode : std::uint8_t { sleep = 0, forced = 1, normal = 3 }; // 2 is forced, too

std::uint8_t mode_of(std::uint8_t control) noexcept
{
    const auto bits = static_cast<std::uint8_t>(control & 3);
    return bits == 2 ? std::uint8_t{mode::forced} : bits;
}

unsigned temperature_oversampling(std::uint8_t control) noexcept { return control >> 5U; }
unsigned pressure_oversampling(std::uint8_t control) noexcept { return control >> 2U & 7U; }
unsigned humidity_oversampling(std::uint8_t control) noexcept { return control & 7U; }

/// Codes 5 to 7 all mean x16.
int factor_of(unsigned oversampling) noexcept
{
    constexpr std::array factors{0, 1, 2, 4, 8, 16, 16, 16};
    return factors[oversampling];
}

template <std::size_t Size>
constexpr bool holds(std::uint8_t first, std::uint8_t address) noexcept
{
    return address >= first && address < first + Size;
}

/// Twenty bits in three registers: most significant byte, next byte, and four bits on the left.
std::uint8_t byte_of(std::uint32_t value, int index) noexcept
{
    return static_cast<std::uint8_t>(value << 4U >> (16 - 8 * index));
}

} // namespace

instant bme280::duration() const noexcept
{
    auto time = 1250us + 2300us * factor_of(temperature_oversampling(control_));
    for (const auto oversampling :
         {pressure_oversampling(control_), humidity_oversampling(humidity_control_)})
        if (oversampling != 0)
            time += 2300us * factor_of(oversampling) + 575us;
    return nanoseconds(time);
}

instant bme280::standby() const noexcept
{
    constexpr std::array<std::chrono::microseconds, 8> times{500us, 62500us, 125ms, 250ms,
                                                             500ms, 1s,      10ms,  20ms};
    return nanoseconds(times[config_ >> 5U]);
}

bool bme280::is_measuring(instant now) const noexcept
{
    return mode_of(control_) != mode::sleep && now < done_ && now >= done_ - duration();
}

std::uint32_t bme280::at_resolution(std::uint32_t value, unsigned oversampling) const noexcept
{
    if (oversampling == 0)
        return skipped;
    const bool filtered = (config_ >> 2U & 7U) != 0;
    const auto missing_bits = filtered || oversampling > 5 ? 0U : 5U - oversampling;
    return value >> missing_bits << missing_bits;
}

void bme280::convert() noexcept
{
    temperature_ = at_resolution(air_temperature, temperature_oversampling(control_));
    pressure_ = at_resolution(air_pressure, pressure_oversampling(control_));
    humidity_ = humidity_oversampling(humidity_control_) == 0 ? skipped_humidity : air_humidity;
}

void bme280::finish(instant now) noexcept
{
    while (mode_of(control_) != mode::sleep && now >= done_) {
        const auto ended = done_;
        convert();
        if (mode_of(control_) == mode::forced) {
            control_ &= 0xfc;
        } else {
            const auto period = duration() + standby();
            done_ += ((now - done_) / period + 1) * period;
        }
        if (has_next_control_ != 0)
            begin(next_control_, ended);
    }
}

void bme280::begin(std::uint8_t value, instant now) noexcept
{
    has_next_control_ = 0;
    control_ = value;
    humidity_control_ = next_humidity_control_;
    done_ = now + duration();
}

/// During a measurement "execution of mode switching commands is delayed until the end of the currently
/// running measurement period. Further mode change commands or other write commands to the register ctrl_hum
/// are ignored until the mode change command has been executed" (3.3.1).
void bme280::control(std::uint8_t value, instant now) noexcept
{
    if (!is_measuring(now)) {
        begin(value, now);
    } else if (has_next_control_ == 0) {
        next_control_ = value;
        has_next_control_ = 1;
    }
}

void bme280::store(std::uint8_t address, std::uint8_t value, instant now) noexcept
{
    switch (address) {
    case at::reset:
        if (value == 0xb6)
            *this = {};
        break;
    case at::ctrl_hum:
        if (has_next_control_ == 0)
            next_humidity_control_ = value & 7;
        break;
    case at::ctrl_meas:
        control(value, now);
        break;
    case at::config:
        config_ = value & 0xfd;
        break;
    default: // everything else is read-only
        break;
    }
}

/// Pairs of address and value; an address alone is where the next read begins.
bool bme280::write(std::span<const std::uint8_t> bytes, instant now) noexcept
{
    finish(now);
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        if (i + 1 < bytes.size())
            store(bytes[i], bytes[i + 1], now);
        pointer_ = bytes[i];
    }
    return true;
}

std::uint8_t bme280::data_at(std::uint8_t address) const noexcept
{
    const int index = address - at::first_data;
    if (index < 3)
        return byte_of(pressure_, index);
    if (index < 6)
        return byte_of(temperature_, index - 3);
    return static_cast<std::uint8_t>(index == 6 ? humidity_ >> 8U : humidity_ & 0xffU);
}

std::uint8_t bme280::register_at(std::uint8_t address, instant now) const noexcept
{
    if (holds<calibration_88.size()>(at::first_calibration, address))
        return calibration_88[address - at::first_calibration];
    if (holds<calibration_e1.size()>(at::second_calibration, address))
        return calibration_e1[address - at::second_calibration];
    if (address >= at::first_data && address <= at::last_data)
        return data_at(address);
    switch (address) {
    case at::chip_id:
        return 0x60;
    case at::ctrl_hum:
        return next_humidity_control_;
    case at::status:
        return is_measuring(now) ? 0x08 : 0x00;
    case at::ctrl_meas:
        return control_;
    case at::config:
        return config_;
    default:
        return 0;
    }
}

bool bme280::read(std::span<std::uint8_t> into, instant now) noexcept
{
    finish(now);
    auto address = pointer_;
    for (auto& byte : into)
        byte = register_at(address++, now);
    return true;
}

} // namespace resourcelock::sim
