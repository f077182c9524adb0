#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace resourcelock::cli {

/// "1.34 ms": three digits.
std::string length_text(std::chrono::nanoseconds length);

/// "2026-05-01 12:00:00.123456", of a time since 1970.
std::string clock_text(std::chrono::nanoseconds when);

/// A piece of time along the width of a picture, in pixels.
struct time_axis {
    std::chrono::nanoseconds from;
    std::chrono::nanoseconds to; ///< later than `from`
    double left;
    double width;

    [[nodiscard]] double x(std::chrono::nanoseconds when) const
    {
        return left +
               width * static_cast<double>((when - from).count()) / static_cast<double>((to - from).count());
    }
};

struct tick {
    double x;
    std::string label; ///< "5 ms" after `zero`
};

std::vector<tick> ticks_of(const time_axis& axis, std::chrono::nanoseconds zero);

} // namespace resourcelock::cli
