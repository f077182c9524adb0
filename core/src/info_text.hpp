#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace resourcelock {

constexpr std::size_t text_area_size = 3840;             // bytes of the segment before the owner record
constexpr std::size_t longest_text = text_area_size - 1; // and a NUL

/// The first 26 bytes of an info text. They tell whose text it is: the time of the acquire to the
/// microsecond, in every text a program writes when it takes the lock, "2025-11-06 10:38:11.545309" (Python
/// leaves ".000000" out, so that its stamp has 19 bytes and the rest is text).
struct stamp {
    std::array<std::uint64_t, 4> words{}; // the last word counts with its first two bytes only

    /// A text being written: readers see an empty string, and no Python program ever writes this.
    [[nodiscard]] bool is_blank() const noexcept;
    /// Whether it begins like a time, as every text written on an acquire does.
    [[nodiscard]] bool is_time() const noexcept;

    static stamp of(std::string_view text) noexcept;
    friend bool operator==(const stamp&, const stamp&) noexcept = default;
};

constexpr std::uint64_t blank_word =
    std::bit_cast<std::uint64_t>(std::array<unsigned char, 8>{0, 0xb1, 0xa2, 0x4b, 0xfe, 0xd7, 0x52, 0x6c});
constexpr std::uint64_t last_stamp_word_mask =
    std::bit_cast<std::uint64_t>(std::array<unsigned char, 8>{0xff, 0xff, 0, 0, 0, 0, 0, 0});

/// The text of one acquire, made in place: nothing is allocated between taking the lock and holding it.
class info_text {
public:
    /// "NOW - INFO", cut to fit. Returns the time in nanoseconds since 1970. One thread at a time.
    std::uint64_t compose(std::string_view info) noexcept;
    [[nodiscard]] std::string_view str() const noexcept { return {text_.data(), size_}; }

private:
    std::array<char, longest_text> text_{};
    std::size_t size_ = 0;
    std::time_t second_ =
        -1; // whose date and time stand in text_ already: localtime_r costs more than the rest
};

/// The longest head of `text` of at most `limit` bytes that does not end inside a UTF-8 character.
std::string_view cut(std::string_view text, std::size_t limit) noexcept;

/// Bytes that are no UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// For terminals and logs: control characters as \xNN, so that a text cannot forge lines or colours.
std::string printable(std::string_view text);

} // namespace resourcelock
