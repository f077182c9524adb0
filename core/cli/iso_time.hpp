#pragma once

#include <ctime>
#include <string>

namespace resourcelock::cli {

/// "2026-05-01T12:00:00+02:00", by ISO 8601: for programs.
inline std::string iso_time(std::time_t when)
{
    std::tm local{};
    localtime_r(&when, &local);
    char text[40]{};
    std::strftime(text, sizeof text, "%FT%T%z", &local);
    std::string result{text};
    return result.insert(result.size() - 2, ":");
}

/// ".123", the milliseconds of a time.
inline std::string thousandths(const std::timespec& when)
{
    return '.' + std::to_string(1000 + when.tv_nsec / 1'000'000).substr(1);
}

} // namespace resourcelock::cli
