#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Texts that somebody else wrote, and that need not be UTF-8.
namespace resourcelock {

/// Length of the UTF-8 character at the head of `text` (1 to 4), or 0 when it is none. Unicode 15, table 3-7.
std::size_t utf8_length(std::string_view text) noexcept;

/// Bytes that are no UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// For terminals and logs: control characters, and bytes that are no UTF-8, as \xNN, so that nobody's text
/// moves the cursor, changes colours or forges a line.
std::string printable(std::string_view text);

} // namespace resourcelock
