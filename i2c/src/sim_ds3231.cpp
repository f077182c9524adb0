#include "sim_ds3231.hpp"

#include <algorithm>

namespace resourcelock::sim {

namespace {

using namespace std::chrono_literals;

enum at : std::uint8_t {
    seconds,
    minutes,
    hours,
    weekday,
    date,
    month,
    year,
    control = 0x0e,
    status = 0x0f,
    temperature = 0x11,
};

constexpr std::uint8_t convert = 0x20;        // in control
constexpr std::uint8_t can_be_cleared = 0x83; // in status: OSF, A2F and A1F
constexpr std::uint8_t can_be_written = 0x08; // EN32kHz
constexpr std::uint8_t twelve_hour_mode = 0x40;
constexpr std::uint8_t afternoon = 0x20;
constexpr std::uint8_t century = 0x80;

constexpr std::chrono::sys_days first_day{std::chrono::year{2000} / 1 / 1};
constexpr std::int64_t days_of_century = 36'525; // "Leap-Year Compensation Valid Up to 2100"

std::uint8_t bcd(std::int64_t value) noexcept
{
    return static_cast<std::uint8_t>(value / 10 << 4 | value % 10);
}

/// Dates and times that do not exist are undefined in the datasheet; here they become the nearest that do.
int number_of(std::uint8_t value, int lowest, int highest) noexcept
{
    return std::clamp((value >> 4) * 10 + (value & 0x0f), lowest, highest);
}

std::uint8_t hour_register(std::int64_t hour, bool twelve_hours) noexcept
{
    if (!twelve_hours)
        return bcd(hour);
    const auto half = hour >= 12 ? afternoon : std::uint8_t{0};
    return static_cast<std::uint8_t>(twelve_hour_mode | half | bcd((hour + 11) % 12 + 1));
}

int hour_of(std::uint8_t value) noexcept
{
    if ((value & twelve_hour_mode) == 0)
        return number_of(value & 0x3f, 0, 23);
    return number_of(value & 0x1f, 1, 12) % 12 + ((value & afternoon) != 0 ? 12 : 0);
}

std::int64_t days_until(int centuries, int two_digits, int which_month, int day) noexcept
{
    const std::chrono::sys_days when{std::chrono::year{2000 + two_digits} / which_month / day};
    return (when - first_day).count() + centuries * days_of_century;
}

} // namespace

ds3231::time_registers ds3231::time_at(instant now) const noexcept
{
    const auto total = second_ + (now - second_began_) / nanoseconds(1s);
    const auto days = total / 86'400;
    const std::chrono::year_month_day day{first_day + std::chrono::days{days % days_of_century}};
    const bool next_century = days / days_of_century % 2 != 0;
    return {bcd(total % 60),
            bcd(total / 60 % 60),
            hour_register(total / 3600 % 24, twelve_hours_ != 0),
            static_cast<std::uint8_t>((days + weekday_shift_) % 7 + 1),
            bcd(static_cast<unsigned>(day.day())),
            static_cast<std::uint8_t>(bcd(static_cast<unsigned>(day.month())) | (next_century ? century : 0)),
            bcd(static_cast<int>(day.year()) - 2000)};
}

void ds3231::set_time(const time_registers& time) noexcept
{
    const auto days = days_until((time[at::month] & century) != 0 ? 1 : 0, number_of(time[at::year], 0, 99),
                                 number_of(time[at::month] & 0x1f, 1, 12), number_of(time[at::date], 1, 31));
    const auto day = std::clamp(time[at::weekday] & 7, 1, 7);
    twelve_hours_ = (time[at::hours] & twelve_hour_mode) != 0 ? 1 : 0;
    weekday_shift_ = static_cast<std::uint8_t>((day - 1 - days % 7 + 7) % 7);
    const std::chrono::seconds since_midnight =
        std::chrono::hours{hour_of(time[at::hours])} +
        std::chrono::minutes{number_of(time[at::minutes] & 0x7f, 0, 59)} +
        std::chrono::seconds{number_of(time[at::seconds] & 0x7f, 0, 59)};
    second_ = days * 86'400 + since_midnight.count();
}

void ds3231::store(std::size_t number, std::uint8_t value) noexcept
{
    auto& stored = others_[number];
    if (number == at::status)
        stored = static_cast<std::uint8_t>((stored & value & can_be_cleared) | (value & can_be_written));
    else if (number == at::control)
        stored = value & static_cast<std::uint8_t>(~convert);
    else if (number < at::temperature)
        stored = value;
}

bool ds3231::write(std::span<const std::uint8_t> bytes, instant now) noexcept
{
    if (bytes.empty())
        return true;
    auto time = time_at(now);
    const auto before = time;
    bool from_zero = false;
    std::size_t position = bytes[0] % size;
    for (const auto value : bytes.subspan(1)) {
        if (position < time_size)
            time[position] = value;
        else
            store(position, value);
        from_zero = from_zero || position == at::seconds;
        position = (position + 1) % size;
    }
    pointer_ = static_cast<std::uint8_t>(position);
    // "The countdown chain is reset whenever the seconds register is written"; otherwise the second goes on.
    if (from_zero || time != before) {
        second_began_ = from_zero ? now : now - (now - second_began_) % nanoseconds(1s);
        set_time(time);
    }
    return true;
}

bool ds3231::read(std::span<std::uint8_t> into, instant now) noexcept
{
    const auto time = time_at(now); // the secondary buffers, filled at START
    std::size_t position = pointer_ % size;
    for (auto& byte : into) {
        byte = position < time_size ? time[position] : others_[position];
        position = (position + 1) % size;
    }
    pointer_ = static_cast<std::uint8_t>(position);
    return true;
}

} // namespace resourcelock::sim
