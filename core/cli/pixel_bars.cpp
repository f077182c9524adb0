#include "pixel_bars.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace resourcelock::cli {

namespace {

using nanoseconds = std::chrono::nanoseconds;

/// The narrow spans whose middle is in the same column of pixels.
struct column {
    double x;
    double covered; // of the pixel
    std::size_t spans;
    nanoseconds time; // of all spans
    const span* first;

    /// To a few degrees only, so that columns side by side look the same.
    [[nodiscard]] double share() const
    {
        constexpr double degrees = 6;
        return std::clamp(std::round(covered * degrees) / degrees, 1 / degrees, 1.0);
    }
};

void add_narrow(std::vector<column>& columns, const span& narrow, const time_axis& axis)
{
    const auto length = narrow.to - narrow.from;
    const auto x = std::floor(axis.x(narrow.from + length / 2));
    if (columns.empty() || columns.back().x != x)
        columns.push_back({x, 0, 0, {}, &narrow});
    auto& last = columns.back();
    last.covered += axis.x(narrow.to) - axis.x(narrow.from);
    last.time += length;
    ++last.spans;
}

std::string about(const span& one)
{
    return fmt::format("{}: {}", length_text(one.to - one.from), one.about);
}

/// Columns side by side that look the same, as one bar.
std::vector<bar> joined(const std::vector<column>& columns)
{
    std::vector<bar> bars;
    for (auto first = columns.begin(); first != columns.end();) {
        auto end = first;
        std::size_t spans = 0;
        nanoseconds time{};
        for (; end != columns.end() && end->share() == first->share() &&
               end->x - first->x == static_cast<double>(end - first);
             ++end) {
            spans += end->spans;
            time += end->time;
        }
        bars.push_back(
            {first->x, static_cast<double>(end - first), first->share(),
             spans == 1 ? about(*first->first) : fmt::format("{} times, {}", spans, length_text(time))});
        first = end;
    }
    return bars;
}

} // namespace

std::vector<bar> bars_of(const std::vector<span>& spans, const time_axis& axis)
{
    std::vector<bar> bars;
    std::vector<column> narrow;
    for (const auto& each : spans) {
        if (each.to < axis.from || each.from > axis.to)
            continue;
        const auto x = std::max(axis.x(each.from), axis.left);
        const auto width = std::min(axis.x(each.to), axis.left + axis.width) - x;
        if (axis.x(each.to) - axis.x(each.from) < 1)
            add_narrow(narrow, each, axis);
        else
            bars.push_back({x, width, 1, about(each)});
    }
    const auto of_narrow = joined(narrow);
    bars.insert(bars.end(), of_narrow.begin(), of_narrow.end());
    return bars;
}

std::vector<sign> signs_of(const std::vector<mark>& marks, const time_axis& axis)
{
    constexpr double width = 9;
    std::vector<sign> signs;
    std::size_t together = 0;
    for (const auto& each : marks) {
        if (each.at < axis.from || each.at > axis.to)
            continue;
        const auto x = axis.x(each.at);
        if (signs.empty() || x - signs.back().x >= width) {
            signs.push_back({x, each.about});
            together = 1;
        } else {
            signs.back().about = fmt::format("{} times", ++together);
        }
    }
    return signs;
}

} // namespace resourcelock::cli
