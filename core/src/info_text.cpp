#include "info_text.hpp"

#include <algorithm>
#include <cstring>

namespace resourcelock {

namespace {

// Characters in the order of memory, in the words they are stored with.
static_assert(std::endian::native == std::endian::little,
              "no board with the other byte order has been tested");

constexpr std::uint32_t two_digits(std::uint32_t value) { return 0x3030U + value / 10 + (value % 10 << 8U); }

constexpr std::uint32_t four_digits(std::uint32_t value)
{
    return two_digits(value / 100) + (two_digits(value % 100) << 16U);
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

void info_text::write_time() noexcept
{
    std::timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != second_) {
        write_date(now.tv_sec);
        second_ = now.tv_sec;
    }
    const auto microseconds = static_cast<std::uint32_t>(now.tv_nsec / 1000);
    words_[2] = seconds_and_point_ | std::uint64_t{four_digits(microseconds / 100)} << 32U;
    microseconds_and_separator_ = two_digits(microseconds % 100) | std::uint64_t{0x20'2d'20} << 16U;
    time_ = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

void info_text::write_date(std::time_t second) noexcept
{
    std::tm local{};
    localtime_r(&second, &local);
    std::array<char, sizeof(std::uint64_t) * 3 + 1>
        text{}; // "2025-11-06 10:38:11.", with room for strftime's NUL
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S.", &local);
    std::memcpy(words_.data(), text.data(), sizeof(std::uint64_t) * 3);
    seconds_and_point_ = words_[2];
}

void info_text::assign(std::string_view text) noexcept
{
    const auto fitting = cut(text, longest_text);
    const auto in_words = std::min(fitting.size(), sizeof words_);
    words_ = {};
    std::copy_n(fitting.begin(), in_words, reinterpret_cast<char*>(words_.data()));
    rest_ = fitting.substr(in_words);
    tick_ = {};
    second_ = -1;
}

std::string_view cut(std::string_view text, std::size_t limit) noexcept
{
    text = text.substr(0, text.find('\0'));
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

} // namespace resourcelock
