#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace resourcelock {

/// Whether a terminal takes it as a command.
inline bool is_control(char c)
{
    const auto byte = static_cast<unsigned char>(c); // char has no sign on ARM
    return byte < 0x20 || byte == 0x7f;
}

/// Text of others inside a message of ours: on one line, and without sequences that terminals obey.
inline std::string one_line(std::string_view text)
{
    std::string shown{text};
    std::ranges::replace_if(shown, is_control, '?');
    return shown;
}

} // namespace resourcelock
