#include "sim_devices.hpp"

#include <algorithm>
#include <functional>

namespace resourcelock::sim {

namespace {

template <class Device>
bool acknowledged(Device& device, const i2c_message& message, instant now) noexcept
{
    return message.is_read() ? device.read(message.into(), now) : device.write(message.bytes(), now);
}

/// Devices of one address on several channels: all hear, and all answer. A line is low when any of them pulls
/// it, which is how a bit is 0 and how an address is acknowledged.
bool acknowledged_behind(const tca9548a& mux, std::span<tmp105> on_channel, const i2c_message& message,
                         instant now) noexcept
{
    std::array<std::uint8_t, 8192> answer; // the longest message
    bool anybody = false;
    for (unsigned channel = 0; channel < on_channel.size(); ++channel) {
        if (!mux.is_selected(channel))
            continue;
        const auto into = std::span{answer}.first(message.into().size());
        const auto part = message.is_read() ? i2c_message::read(message.address(), into) : message;
        if (!acknowledged(on_channel[channel], part, now))
            continue;
        if (!anybody)
            std::ranges::fill(message.into(), std::uint8_t{0xff});
        anybody = true;
        std::ranges::transform(message.into(), into, message.into().begin(), std::bit_and<>{});
    }
    return anybody;
}

} // namespace

bool deliver(devices& all, const i2c_message& message, instant now) noexcept
{
    if (message.address().is_ten_bit())
        return false;
    switch (message.address().value()) {
    case 0x44:
        return acknowledged(all.humidity, message, now);
    case 0x48:
        return acknowledged(all.adc, message, now);
    case 0x49:
        return acknowledged(all.thermometer, message, now);
    case 0x4a:
        return acknowledged_behind(all.mux, all.behind_mux, message, now);
    case 0x50:
        return acknowledged(all.eeprom, message, now);
    case 0x68:
        return acknowledged(all.clock, message, now);
    case 0x70:
        return acknowledged(all.mux, message, now);
    case 0x76:
        return acknowledged(all.air, message, now);
    default:
        return false;
    }
}

void stop(devices& all) noexcept { all.mux.stop(); }

} // namespace resourcelock::sim
