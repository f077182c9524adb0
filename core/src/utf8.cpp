#include "utf8.hpp"

#include <algorithm>

namespace resourcelock {

std::size_t utf8_length(std::string_view text) noexcept
{
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto in = [&](std::size_t i, unsigned low, unsigned high) {
        return byte(i) >= low && byte(i) <= high;
    };
    const auto tail = [&](std::size_t i) { return in(i, 0x80, 0xbf); };
    const unsigned first = byte(0);
    if (first < 0x80)
        return 1;
    if (in(0, 0xc2, 0xdf))
        return tail(1) ? 2 : 0;
    if (in(0, 0xe0, 0xef)) {
        const bool second = in(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
        return second && tail(2) ? 3 : 0;
    }
    if (in(0, 0xf0, 0xf4)) {
        const bool second = in(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
        return second && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

std::string valid_utf8(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length == 0)
            result += "\xef\xbf\xbd";
        else
            result += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

std::string printable(std::string_view text)
{
    constexpr std::string_view hex = "0123456789abcdef";
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(utf8_length(text), 1);
        const auto last = static_cast<unsigned char>(text[length - 1]);
        const bool c0_or_delete = length == 1 && (last < 0x20 || last == 0x7f);
        const bool no_utf8 = length == 1 && last >= 0x80;
        const bool c1 = length == 2 && text[0] == '\xc2' && last < 0xa0;
        if (c0_or_delete || no_utf8 || c1)
            result += {'\\', 'x', hex[last >> 4U], hex[last & 0xfU]};
        else
            result += text.substr(0, length);
        text.remove_prefix(length);
    }
    return result;
}

} // namespace resourcelock
