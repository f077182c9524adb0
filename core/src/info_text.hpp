#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
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

    /// Word by word: memcmp() would wait until the words just stored have left the processor. All of them
    /// at once, since they are equal nearly always.
    friend bool operator==(const stamp& a, const stamp& b) noexcept
    {
        const auto difference = [&](std::size_t i) { return a.words[i] ^ b.words[i]; };
        return (difference(0) | difference(1) | difference(2) | difference(3)) == 0;
    }
};

constexpr std::uint64_t blank_word =
    std::bit_cast<std::uint64_t>(std::array<unsigned char, 8>{0, 0xb1, 0xa2, 0x4b, 0xfe, 0xd7, 0x52, 0x6c});
constexpr std::uint64_t last_stamp_word_mask =
    std::bit_cast<std::uint64_t>(std::array<unsigned char, 8>{0xff, 0xff, 0, 0, 0, 0, 0, 0});

/// A text as it is to stand in the segment, ready to be stored word by word. Nothing is allocated or copied
/// between taking the lock and holding it. Good as long as what it was made of. One thread at a time.
class info_text {
public:
    /// "NOW - INFO", cut to fit. Returns the time in nanoseconds since 1970: to the microsecond for the first
    /// call within a tick of the kernel's clock (1 to 10 ms), and the same for the others, since a look at
    /// the exact clock costs as much as the rest of an acquire. A NUL within `info` is not looked for: it
    /// ends the text for whoever reads it.
    std::uint64_t compose(std::string_view info) noexcept;
    /// The text itself up to a NUL, cut to fit.
    void assign(std::string_view text) noexcept;

    [[nodiscard]] stamp head() const noexcept
    {
        return {{words_[0], words_[1], words_[2], words_[3] & last_stamp_word_mask}};
    }
    /// The first 32 bytes, behind the text's end zeros. So a short text leaves no tail of another one there.
    [[nodiscard]] const std::array<std::uint64_t, 4>& words() const noexcept { return words_; }
    /// What follows on them, without the NUL.
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    /// The second of the time that compose() returned.
    [[nodiscard]] std::time_t second() const noexcept { return second_; }

private:
    [[gnu::noinline]] void write_time() noexcept;
    void write_date(std::time_t second) noexcept;

    std::array<std::uint64_t, 4> words_{};
    std::string_view rest_;
    std::timespec tick_{};                // whose time stands there already
    std::uint64_t time_ = 0;              // that time
    std::time_t second_ = -1;             // whose date stands there already: localtime_r costs still more
    std::uint64_t seconds_and_point_ = 0; // of the third word, ":56."
    std::uint64_t microseconds_and_separator_ = 0; // of the fourth word, "09 - "
};

/// Up to 8 bytes of a text in the order of memory, behind its end zeros. A short one is put together from its
/// first and its last bytes, which may overlap: no loop, and no copy through memory.
inline std::uint64_t word_of(std::string_view text) noexcept
{
    const auto load = [&](auto word, std::size_t from) {
        std::memcpy(&word, text.data() + from, sizeof word);
        return std::uint64_t{word};
    };
    const auto ends = [&](auto word) {
        const auto last = text.size() - sizeof word;
        return load(word, 0) | load(word, last) << 8U * last;
    };
    if (text.size() >= sizeof(std::uint64_t))
        return load(std::uint64_t{}, 0);
    if (text.size() >= sizeof(std::uint32_t))
        return ends(std::uint32_t{});
    if (text.size() >= sizeof(std::uint16_t))
        return ends(std::uint16_t{});
    return text.empty() ? 0 : load(std::uint8_t{}, 0);
}

/// `text` up to a NUL, and of that the longest head of at most `limit` bytes that does not end inside a UTF-8
/// character.
[[gnu::cold]] std::string_view cut(std::string_view text, std::size_t limit) noexcept;

inline std::uint64_t info_text::compose(std::string_view info) noexcept
{
    constexpr std::size_t stamp_size = 26;
    constexpr std::string_view separator = " - ";
    constexpr std::size_t in_words = sizeof words_ - stamp_size - separator.size(); // beside the time

    std::timespec tick{};
    clock_gettime(CLOCK_REALTIME_COARSE, &tick);
    if (tick.tv_nsec != tick_.tv_nsec || tick.tv_sec != tick_.tv_sec) {
        tick_ = tick;
        write_time();
    }
    if (constexpr auto room = longest_text - stamp_size - separator.size(); info.size() > room)
        info = cut(info, room);
    const auto head = info.substr(0, in_words);
    words_[3] = microseconds_and_separator_ | word_of(head) << 40U;
    rest_ = info.substr(head.size());
    return time_;
}

} // namespace resourcelock
