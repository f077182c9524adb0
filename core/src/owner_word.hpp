#pragma once

#include <cstdint>

namespace resourcelock {

/// A number that names one lock object among all that are alive: 2^60 to 2^61 - 1. Its byte of the segment
/// file (far behind the file's end; locks need no bytes) is locked as long as the object lives.
using owner_token = std::uint64_t;

/// What the owner of the word is doing.
enum class phase : std::uint64_t {
    free = 0,  ///< nobody; the whole word is 0
    waiting,   ///< next in line among C++ programs, has no unit of the semaphore
    acquiring, ///< may have taken the unit, has not finished writing its text
    held,      ///< has the unit, and the text is its own
    releasing, ///< on its way out; may have posted the unit
    detached,  ///< left held on purpose by a program that has ended
};

/// The word that decides among C++ programs: phase in the top 3 bits, token below. The semaphore decides
/// between them and Python programs.
class owner_word {
public:
    constexpr owner_word() noexcept = default;
    constexpr explicit owner_word(std::uint64_t bits) noexcept : bits_{bits} {}
    constexpr owner_word(phase what, owner_token who) noexcept
        : bits_{static_cast<std::uint64_t>(what) << 61 | who}
    {}

    [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
    [[nodiscard]] constexpr phase what() const noexcept { return phase{bits_ >> 61}; }
    [[nodiscard]] constexpr owner_token who() const noexcept
    {
        return bits_ & ((std::uint64_t{1} << 61) - 1);
    }
    [[nodiscard]] constexpr bool is(phase what_) const noexcept { return what() == what_; }

    /// Whether a program of this protocol can have written it.
    [[nodiscard]] constexpr bool valid() const noexcept
    {
        return bits_ == 0 ||
               (what() >= phase::waiting && what() <= phase::detached && who() >= std::uint64_t{1} << 60);
    }

    friend constexpr bool operator==(owner_word, owner_word) noexcept = default;

private:
    std::uint64_t bits_ = 0;
};

} // namespace resourcelock
