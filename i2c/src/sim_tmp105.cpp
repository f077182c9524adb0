#include "sim_tmp105.hpp"

#include "sim_words.hpp"

namespace resourcelock::sim {

namespace {

using namespace std::chrono_literals;

enum pointer : std::uint8_t { temperature = 0, config = 1, low_limit = 2, high_limit = 3 };

constexpr std::uint8_t one_shot = 0x80;
constexpr std::uint8_t shutdown = 0x01;
constexpr std::uint16_t twelve_bits = 0xfff0;

/// Above the 9 that it has at least: R1 and R0.
unsigned more_bits(std::uint8_t config) noexcept { return config >> 5U & 3U; }

std::uint16_t at_resolution(std::uint16_t temperature, std::uint8_t config) noexcept
{
    const auto missing = 7U - more_bits(config);
    return static_cast<std::uint16_t>(temperature >> missing << missing);
}

instant conversion_time(std::uint8_t config) noexcept
{
    return nanoseconds(27'500us * (1 << more_bits(config)));
}

} // namespace

tmp105::tmp105(std::int16_t sixteenths) noexcept
    : temperature_{static_cast<std::uint16_t>(sixteenths * 16)}, result_{at_resolution(temperature_, 0)}
{}

void tmp105::finish_conversion(instant now) noexcept
{
    if (converting_ != 0 && now >= done_) {
        result_ = at_resolution(temperature_, config_);
        converting_ = 0;
    }
}

void tmp105::configure(std::uint8_t written, instant now) noexcept
{
    config_ = written & static_cast<std::uint8_t>(~one_shot); // which always reads 0
    const bool starts = (written & shutdown) == 0 || (written & one_shot) != 0;
    if (starts)
        done_ = now + conversion_time(config_);
    converting_ = starts ? 1 : 0;
}

bool tmp105::write(std::span<const std::uint8_t> bytes, instant now) noexcept
{
    finish_conversion(now);
    if (bytes.empty())
        return true;
    pointer_ = bytes[0] & 3;
    if (pointer_ == pointer::config && bytes.size() > 1)
        configure(bytes[1], now);
    if (bytes.size() < 3)
        return true;
    const auto limit = static_cast<std::uint16_t>((bytes[1] << 8 | bytes[2]) & twelve_bits);
    if (pointer_ == pointer::low_limit)
        low_limit_ = limit;
    else if (pointer_ == pointer::high_limit)
        high_limit_ = limit;
    return true;
}

std::uint16_t tmp105::selected_register() const noexcept
{
    switch (pointer_ & 3) {
    case pointer::config:
        return static_cast<std::uint16_t>(config_ << 8 | config_); // one byte, sent again
    case pointer::low_limit:
        return low_limit_;
    case pointer::high_limit:
        return high_limit_;
    default:
        return result_;
    }
}

bool tmp105::read(std::span<std::uint8_t> into, instant now) noexcept
{
    finish_conversion(now);
    send_word(selected_register(), into);
    return true;
}

} // namespace resourcelock::sim
