#include "time_axis.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdint>

namespace resourcelock::cli {

namespace {

using nanoseconds = std::chrono::nanoseconds;

struct unit {
    double length;
    const char* name;
};

unit unit_of(nanoseconds length)
{
    using namespace std::chrono_literals;
    if (length >= 1s)
        return {1e9, "s"};
    return length >= 1ms ? unit{1e6, "ms"} : unit{1e3, "µs"};
}

std::string in_unit(nanoseconds length, const unit& chosen, int digits)
{
    return fmt::format("{:.{}g} {}", static_cast<double>(length.count()) / chosen.length, digits,
                       chosen.name);
}

/// 1, 2 or 5 with zeros, so that there are 9 of them at most.
nanoseconds step_of(nanoseconds range)
{
    constexpr int most = 9;
    for (std::int64_t power = 1;; power *= 10)
        for (const auto digit : {1, 2, 5})
            if (const nanoseconds step{digit * power}; step > range / most)
                return step;
}

} // namespace

std::string length_text(nanoseconds length)
{
    using namespace std::chrono_literals;
    constexpr int rounded = 3;
    return length < 1000s ? in_unit(length, unit_of(length), rounded) : fmt::format("{} s", length / 1s);
}

std::string clock_text(nanoseconds when)
{
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date{std::chrono::sys_days{day}};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::microseconds>(when - day)};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

std::vector<tick> ticks_of(const time_axis& axis, nanoseconds zero)
{
    constexpr int exact = 15;
    const auto step = step_of(axis.to - axis.from);
    const auto chosen = unit_of(step);
    std::vector<tick> ticks;
    for (auto at = (axis.from - zero + step - nanoseconds{1}) / step * step; zero + at <= axis.to; at += step)
        ticks.push_back({axis.x(zero + at), in_unit(at, chosen, exact)});
    return ticks;
}

} // namespace resourcelock::cli
