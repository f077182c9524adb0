#pragma once

#include <string>
#include <string_view>

namespace resourcelock {

/// Text of others inside a message of ours: on one line, and without sequences that terminals obey.
inline std::string one_line(std::string_view text)
{
    std::string shown{text};
    for (char& c : shown)
        if ((c >= 0 && c < 0x20) || c == 0x7f)
            c = '?';
    return shown;
}

} // namespace resourcelock
