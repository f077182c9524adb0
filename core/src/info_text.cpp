#include "info_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace resourcelock {

namespace {

constexpr std::size_t stamp_size = 26;
constexpr std::string_view separator = " - ";
static_assert(sizeof(stamp) >= stamp_size);

/// `width` digits of `value` at `at`, with leading zeros.
void put_digits(char* at, int width, long value) noexcept
{
    for (int i = width; i-- > 0; value /= 10)
        at[i] = static_cast<char>('0' + value % 10);
}

/// Length of the UTF-8 character at the head of `text` (1 to 4), or 0 when it is none. Unicode 15, table 3-7.
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

} // namespace

bool stamp::is_blank() const noexcept { return words[0] == blank_word; }

bool stamp::is_time() const noexcept
{
    constexpr std::string_view form = "dddd-dd-dd dd:dd:dd";
    const auto bytes = std::bit_cast<std::array<char, sizeof words>>(words);
    return std::equal(form.begin(), form.end(), bytes.begin(), [](char expected, char found) {
        return expected == 'd' ? found >= '0' && found <= '9' : found == expected;
    });
}

stamp stamp::of(std::string_view text) noexcept
{
    std::array<char, sizeof words> bytes{};
    std::copy_n(text.begin(), std::min(text.size(), stamp_size), bytes.begin());
    return {std::bit_cast<std::array<std::uint64_t, 4>>(bytes)};
}

std::uint64_t info_text::compose(std::string_view info) noexcept
{
    std::timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != second_) {
        std::tm local{};
        localtime_r(&now.tv_sec, &local);
        std::memcpy(text_.data(), "0000-00-00 00:00:00.000000 - ", stamp_size + separator.size());
        put_digits(text_.data(), 4, local.tm_year + 1900L);
        put_digits(&text_[5], 2, local.tm_mon + 1L);
        put_digits(&text_[8], 2, local.tm_mday);
        put_digits(&text_[11], 2, local.tm_hour);
        put_digits(&text_[14], 2, local.tm_min);
        put_digits(&text_[17], 2, local.tm_sec);
        second_ = now.tv_sec;
    }
    put_digits(&text_[20], 6, now.tv_nsec / 1000);
    const auto body = cut(info.substr(0, info.find('\0')), longest_text - stamp_size - separator.size());
    std::copy(body.begin(), body.end(), &text_[stamp_size + separator.size()]);
    size_ = stamp_size + separator.size() + body.size();
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

std::string_view cut(std::string_view text, std::size_t limit) noexcept
{
    if (text.size() <= limit)
        return text;
    std::size_t end = limit;
    const auto is_tail = [&](std::size_t i) {
        return (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80U;
    };
    while (end > 0 && limit - end < 3 && is_tail(end))
        --end;
    return text.substr(0,
                       is_tail(end) ? limit : end); // no character at all there: any byte is as good an end
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
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\x{:02x}", byte);
        } else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f) { // C1 controls, in UTF-8
            result += fmt::format("\\x{:02x}", next);
            ++i;
        } else {
            result += text[i];
        }
    }
    return result;
}

} // namespace resourcelock
