#include "sim_ads1115.hpp"

#include "sim_words.hpp"

#include <algorithm>
#include <array>

namespace resourcelock::sim {

namespace {

enum pointer : std::uint8_t { conversion = 0, config = 1, low_threshold = 2, high_threshold = 3 };

constexpr std::uint16_t start_or_idle =
    0x8000; // OS: written, starts a conversion; read, tells that none is running
constexpr std::uint16_t single_shot = 0x0100;

constexpr std::array millivolts{300, 800, 1250, 1900};

int input_millivolts(std::uint16_t config) noexcept
{
    const auto [ain0, ain1, ain2, ain3] = millivolts;
    const std::array selected{ain0 - ain1, ain0 - ain3, ain1 - ain3, ain2 - ain3, ain0, ain1, ain2, ain3};
    return selected[config >> 12 & 7];
}

std::uint16_t code_of(std::uint16_t config) noexcept
{
    constexpr std::array full_scale{6144, 4096, 2048, 1024, 512, 256, 256, 256};
    const int code = input_millivolts(config) * 32768 / full_scale[config >> 9 & 7];
    return static_cast<std::uint16_t>(std::clamp(code, -32768, 32767));
}

instant conversion_time(std::uint16_t config) noexcept
{
    constexpr std::array per_second{8, 16, 32, 64, 128, 250, 475, 860};
    return nanoseconds(std::chrono::seconds{1}) / per_second[config >> 5 & 7];
}

} // namespace

void ads1115::finish_conversion(instant now) noexcept
{
    if (converting_ != 0 && now >= done_) {
        result_ = next_result_;
        converting_ = 0;
    }
}

void ads1115::configure(std::uint16_t written, instant now) noexcept
{
    config_ = written & static_cast<std::uint16_t>(~start_or_idle);
    const bool continuous = (written & single_shot) == 0;
    const bool starts = continuous || (written & start_or_idle) != 0;
    // "OS can only be written when in power-down state and has no effect when a conversion is ongoing"
    // (8.1.3): the running conversion goes on with its own channel, though the register shows the new one
    // already.
    if (!starts || (converting_ != 0 && !continuous))
        return;
    next_result_ = code_of(written);
    done_ = now + conversion_time(written);
    converting_ = 1;
}

bool ads1115::write(std::span<const std::uint8_t> bytes, instant now) noexcept
{
    finish_conversion(now);
    if (bytes.empty())
        return true;
    pointer_ = bytes[0] & 3;
    if (bytes.size() < 3)
        return true;
    const auto value = static_cast<std::uint16_t>(bytes[1] << 8 | bytes[2]);
    switch (pointer_) {
    case pointer::config:
        configure(value, now);
        break;
    case pointer::low_threshold:
        low_threshold_ = value;
        break;
    case pointer::high_threshold:
        high_threshold_ = value;
        break;
    default: // the conversion register is read-only
        break;
    }
    return true;
}

std::uint16_t ads1115::selected_register() const noexcept
{
    switch (pointer_ & 3) {
    case pointer::config: {
        const bool idle = converting_ == 0 && (config_ & single_shot) != 0;
        return config_ | (idle ? start_or_idle : std::uint16_t{0});
    }
    case pointer::low_threshold:
        return low_threshold_;
    case pointer::high_threshold:
        return high_threshold_;
    default:
        return result_;
    }
}

bool ads1115::read(std::span<std::uint8_t> into, instant now) noexcept
{
    finish_conversion(now);
    send_word(selected_register(), into);
    return true;
}

} // namespace resourcelock::sim
