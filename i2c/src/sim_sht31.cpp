#include "sim_sht31.hpp"

#include <algorithm>
#include <array>

namespace resourcelock::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t power_on_status = 0x8010;
constexpr std::uint16_t command_failed = 0x0002;
constexpr std::uint16_t raw_temperature = 0x6666; // -45 + 175 * S / 65535 = 25.0 degrees C
constexpr std::uint16_t raw_humidity = 0x8000;    // 100 * S / 65535 = 50 %

std::uint8_t checksum(std::uint8_t high, std::uint8_t low) noexcept
{
    unsigned crc = 0xff;
    for (const unsigned byte : {high, low}) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 0x80) != 0 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1;
    }
    return static_cast<std::uint8_t>(crc);
}

/// Words, each with its checksum; nobody drives the line after the last one.
void send(std::span<const std::uint16_t> words, std::span<std::uint8_t> into) noexcept
{
    std::array<std::uint8_t, 6> bytes{};
    std::size_t count = 0;
    for (const auto word : words) {
        const auto high = static_cast<std::uint8_t>(word >> 8);
        const auto low = static_cast<std::uint8_t>(word & 0xff);
        bytes[count++] = high;
        bytes[count++] = low;
        bytes[count++] = checksum(high, low);
    }
    std::ranges::fill(into, std::uint8_t{0xff});
    std::ranges::copy(std::span{bytes}.first(std::min(count, into.size())), into.begin());
}

} // namespace

void sht31::measure(instant until) noexcept
{
    output_ = output::measurement;
    ready_ = until;
}

bool sht31::write(std::span<const std::uint8_t> bytes, instant now) noexcept
{
    if (bytes.size() < 2)
        return true;
    // Every command ends what went on before, a measurement starts anew.
    output_ = output::none;
    switch (bytes[0] << 8 | bytes[1]) {
    case 0x2400:
        measure(now + nanoseconds(15ms));
        break;
    case 0x240b:
        measure(now + nanoseconds(6ms));
        break;
    case 0x2416:
        measure(now + nanoseconds(4ms));
        break;
    case 0x30a2: // soft reset
        status_ = power_on_status;
        break;
    case 0x3041: // clear status
        status_ = 0;
        break;
    case 0xf32d:
        output_ = output::status;
        break;
    default:
        status_ |= command_failed;
    }
    return true;
}

bool sht31::read(std::span<std::uint8_t> into, instant now) noexcept
{
    if (output_ == output::status) {
        send(std::array{status_}, into);
    } else if (output_ == output::measurement && now >= ready_) {
        send(std::array{raw_temperature, raw_humidity}, into);
    } else {
        return false;
    }
    output_ = output::none;
    return true;
}

} // namespace resourcelock::sim
