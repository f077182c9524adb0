#pragma once

#include <ctime>
#include <string>

namespace resourcelock {

/// "2026-05-01 12:00:00", as the clock on the wall says.
inline std::string local_time(std::time_t when)
{
    std::tm local{};
    localtime_r(&when, &local);
    char text[32]{};
    std::strftime(text, sizeof text, "%F %T", &local);
    return text;
}

} // namespace resourcelock
