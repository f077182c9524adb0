#pragma once

#include "info_text.hpp"
#include "owner_word.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

/// What stands in /dev/shm/NAME: the info text that Python programs read and write, and, in the last 256 of
/// the first 4096 bytes, the owner record of the C++ programs. Everything is atomic words, because other
/// processes write while we read. 4096 zero bytes are a valid segment: never taken, free.
namespace resourcelock {

/// A stamp in shared memory. It may be torn by a kill; the protocol only ever asks whether it equals the
/// text.
class shared_stamp {
public:
    void store(const stamp& value) noexcept
    {
        const auto store_word = [&](std::size_t i) {
            words_[i].store(value.words[i], std::memory_order_relaxed);
        };
        store_word(0), store_word(1), store_word(2), store_word(3);
    }
    [[nodiscard]] stamp load() const noexcept
    {
        const auto word = [&](std::size_t i) { return words_[i].load(std::memory_order_relaxed); };
        return {{word(0), word(1), word(2), word(3)}};
    }

private:
    std::array<std::atomic<std::uint64_t>, 4> words_;
};

/// The info text: NUL-terminated bytes.
class text_area {
public:
    [[nodiscard]] stamp load_stamp() const noexcept
    {
        const auto word = [&](std::size_t i) { return words_[i].load(std::memory_order_acquire); };
        return {{word(0), word(1), word(2), word(3) & last_stamp_word_mask}};
    }

    /// Marks the text as being written by a C++ program.
    void blank() noexcept { words_[0].store(blank_word, std::memory_order_release); }

    /// An empty string, and no mark of ours.
    void erase() noexcept { words_[0].store(0, std::memory_order_release); }

    /// Writes everything but the first 8 bytes, then those in one store: until then the text stays blank.
    void write(const info_text& text) noexcept
    {
        constexpr std::size_t word_size = sizeof(std::uint64_t);
        const auto& head = text.words();
        const auto store_word = [&](std::size_t i) { words_[i].store(head[i], std::memory_order_relaxed); };
        store_word(1), store_word(2), store_word(3);
        auto rest = text.rest();
        auto* next = &words_[head.size()];
        for (; rest.size() >= word_size; rest.remove_prefix(word_size))
            (next++)->store(word_of(rest), std::memory_order_relaxed);
        next->store(word_of(rest), std::memory_order_relaxed); // its zeros end the text
        words_[0].store(head[0], std::memory_order_release);
    }

    /// The text up to its NUL or the end of the area, as it stands.
    [[nodiscard]] std::string read() const
    {
        std::string text;
        for (const auto& word : words_) {
            const auto bytes = std::bit_cast<std::array<char, 8>>(word.load(std::memory_order_acquire));
            const auto* const nul = std::find(bytes.begin(), bytes.end(), '\0');
            text.append(bytes.begin(), nul);
            if (nul != bytes.end())
                break;
        }
        return text;
    }

private:
    std::array<std::atomic<std::uint64_t>, text_area_size / 8> words_;
};

/// The recovery of an owner that died and was not `held`: when it began, and on which evidence.
struct grace_period {
    std::atomic<std::uint64_t> word; ///< the dead owner's; 0 while the rest is written
    shared_stamp text;
    std::atomic<std::uint64_t> start; ///< nanoseconds of CLOCK_MONOTONIC
};

/// Who took the lock, for messages.
struct owner_facts {
    std::atomic<std::uint64_t> token; ///< whose facts these are; 0 while they are written
    std::atomic<std::uint64_t> since; ///< nanoseconds since 1970
    std::atomic<std::uint64_t> start_time;
    std::array<std::atomic<std::uint64_t>, 2> comm;
    std::atomic<std::uint32_t> pid;
    std::atomic<std::uint32_t> tid;
    std::atomic<std::uint32_t> uid;
    std::uint32_t unused;

    /// Its name, at most 15 bytes.
    [[nodiscard]] std::string program() const
    {
        const auto bytes = std::bit_cast<std::array<char, 16>>(
            std::array{comm[0].load(std::memory_order_relaxed), comm[1].load(std::memory_order_relaxed)});
        return {bytes.begin(), std::find(bytes.begin(), bytes.end(), '\0')};
    }
};

struct owner_record {
    // First in the record, so that a Python text of 3840 bytes or more hits it before anything else.
    static constexpr std::uint32_t zeros = 0;              ///< a segment nobody of us has used yet
    static constexpr std::uint32_t being_made = 1;         ///< somebody who has the semaphore writes it anew
    static constexpr std::uint32_t version_1 = 0x314b4c52; ///< "RLK1" in memory

    std::atomic<std::uint32_t> magic;
    std::atomic<std::uint32_t> waiter_hint; ///< 1: somebody may sleep on the word
    std::atomic<std::uint64_t> word;        ///< an owner_word
    shared_stamp ref_a;                     ///< the text as it was before its owner took the unit
    shared_stamp ref_b;                     ///< the text its owner wrote
    grace_period grace;
    owner_facts facts;
    std::atomic<std::uint64_t> acquisitions;
    std::atomic<std::uint64_t> contended;
    std::atomic<std::uint64_t> recoveries;
    std::atomic<std::uint64_t>
        untold_recovery; ///< 1: a look freed a dead holder's lock; its next holder is told
    std::array<std::uint64_t, 5> unused;

    /// Whether a record with these is one that this version understands.
    [[nodiscard]] static constexpr bool is_good(std::uint32_t magic, owner_word word) noexcept
    {
        return (magic == version_1 || magic == zeros) && word.valid();
    }

    /// Whether a text that is not ref_b is the owner's all the same; if not, it is the trace of a Python
    /// program that took the unit after it. Whoever takes the lock writes the time: a text without one is
    /// somebody's set_lock_info and says nothing about the unit, except while it was being taken, when Python
    /// may have got it and written such a text next.
    [[nodiscard]] bool is_other_own_text(const stamp& text, phase during) const noexcept
    {
        return text == ref_a.load() || text.is_blank() ||
               ((during == phase::held || during == phase::releasing) && !text.is_time());
    }
};

struct segment {
    text_area text;
    owner_record record;
};

constexpr std::size_t segment_size = 4096;
static_assert(sizeof(owner_record) == 256);
static_assert(offsetof(segment, record) == text_area_size && sizeof(segment) == segment_size);
static_assert(std::is_standard_layout_v<segment>);
// The words are shared between processes, which a lock hidden in the library could not protect.
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);

} // namespace resourcelock
