#pragma once

#include "info_text.hpp"
#include "process_facts.hpp"
#include "shared_objects.hpp"
#include "waiting.hpp"
#include "witness.hpp"

#include <resourcelock/lock_state.hpp>
#include <resourcelock/resource_lock.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace resourcelock {

/// The steps on a lock's shared words. `docs/protocol.md` names and numbers them; comments such as "ACQUIRE
/// 5" refer to it.
///
/// Two gates are passed in order: the owner word (a C++ program against C++ programs; whoever dies there is
/// noticed) and the semaphore (against Python programs, which know only that). The info text is the third
/// witness: it is the only trace a Python program leaves, so it tells who took the semaphore.
///
/// A SIGKILL may strike between any two statements. So evidence is written before the deed, nothing is
/// changed by a recovery until one compare-exchange commits it, and the order of the stores is part of the
/// protocol.
///
/// Every function is thread-safe, but set_info() beside an acquire or a release of the same object; none
/// throws but the constructor, info() and state().
class lock_protocol {
public:
    lock_protocol(const std::string& name, const lock_options& options);

    enum class grant { acquired, timed_out, replaced };

    /// ACQUIRE and WAIT.
    grant acquire(const get_options& options) noexcept;

    /// RELEASE. False: the hold was not ours, or not ours any more; nothing was posted.
    bool release() noexcept;

    /// UNGET, forced. False: nothing was locked, its owner was busy for a whole second, or no
    /// descriptor was left.
    bool release_by_force() noexcept;

    /// DETACH. False: this object does not hold the lock.
    bool detach() noexcept;

    /// REAP: frees a lock whose owner died, or begins the grace period after which the next reap frees it.
    /// Never waits.
    void reap() noexcept;

    /// Whether this object holds the lock and nobody has released it from outside.
    [[nodiscard]] bool holds() noexcept;
    [[nodiscard]] bool recovered() const noexcept { return recovered_.load(std::memory_order_relaxed); }

    [[nodiscard]] int value() const noexcept;
    [[nodiscard]] bool is_locked() noexcept;
    [[nodiscard]] lock_state state();
    [[nodiscard]] std::string info() const;
    /// False: refused, from somebody who is not the holder: a text like that of an acquire, which the holder
    /// would take for that of a Python program that has the unit by now; or any text in place of that one.
    bool set_info(std::string_view text) noexcept;

    /// Whether the files were replaced. Two stat(2) calls, at most once per tick of the kernel's clock: what
    /// an unget, a look or a transaction on a bus can afford.
    [[nodiscard]] bool replaced_as_of_this_tick() noexcept;

    /// Whether this object was inherited through fork() and must not be used.
    [[nodiscard]] bool inherited() const noexcept { return witness_.inherited(); }

private:
    [[nodiscard]] std::optional<lock_owner> owner_of(owner_word seen) const;
    enum class verdict { drop, inherit, not_yet };
    /// How a part of an acquire ended: the unit is ours and the word says acquiring (taken, or inherited from
    /// a dead owner); look at the word again; or the end.
    enum class step { got, inherited, again, timed_out, replaced };

    // lock_protocol.cpp, or below
    [[nodiscard]] bool magic_is_good() noexcept;
    [[nodiscard]] bool record_is_good() noexcept;
    [[nodiscard]] owner_word mine(phase what) const noexcept { return {what, witness_.token()}; }
    [[nodiscard]] bool word_is(owner_word word) const noexcept;
    bool move_word(owner_word from, owner_word to) noexcept;
    void set_word(owner_word to) noexcept;
    void free_word() noexcept;
    void wake_one() noexcept;
    [[gnu::cold, gnu::noinline]] void wake_sleeper() noexcept;
    [[nodiscard]] bool is_own_text(const stamp& text, phase during) const noexcept;
    /// Of this object's own hold: also while another thread sets its text.
    [[nodiscard]] bool text_is_ours(phase during) const noexcept;
    [[nodiscard, gnu::cold, gnu::noinline]] bool text_is_ours_at_rest(phase during) const noexcept;
    [[nodiscard]] bool text_is_evidence() noexcept;
    [[nodiscard, gnu::cold, gnu::noinline]] bool is_other_own_text(const stamp& text,
                                                                   phase during) const noexcept;
    [[gnu::cold, gnu::noinline]] bool release_without_record() noexcept;
    [[nodiscard, gnu::cold, gnu::noinline]] bool looks_replaced_at(std::int64_t tick) noexcept;

    // acquire.cpp; `cold` is what an acquire of a free lock does not need, and must not be inlined in its way
    [[gnu::cold, gnu::noinline]] void give_way() noexcept;
    step bid(patience& wait) noexcept;
    [[gnu::cold, gnu::noinline]] step wait_for_owner(owner_word seen, patience& wait) noexcept;
    step take_unit(patience& wait) noexcept;
    [[gnu::cold, gnu::noinline]] step wait_for_unit(patience& wait) noexcept;
    [[gnu::cold, gnu::noinline]] step take_unit_from_unknown_owner(patience& wait) noexcept;
    step give_up(step why) noexcept;
    [[gnu::cold, gnu::noinline]] void make_record_anew() noexcept;
    std::time_t finish(std::string_view info) noexcept;
    void write_facts(std::uint64_t since) noexcept;
    [[gnu::cold, gnu::noinline]] void write_process_facts() noexcept;

    // recovery.cpp
    [[nodiscard, gnu::cold, gnu::noinline]] bool is_dead(owner_word word) const noexcept;
    verdict judge(owner_word dead) noexcept;
    bool grace_is_over(owner_word dead, const stamp& text, std::uint64_t asked_at) noexcept;
    [[gnu::cold, gnu::noinline]] std::optional<step> recover(owner_word dead) noexcept;
    std::optional<bool> try_release_by_force() noexcept;
    bool post_if_taken() noexcept;

    shared_objects objects_;
    witness witness_;
    process_facts facts_;
    segment& shared_;
    owner_record& record_;
    sem_t& semaphore_;

    info_text text_; // written only while the word says that this object is acquiring
    // Kept here too, because somebody's long text may overwrite the record.
    std::atomic<bool> holding_{false};
    shared_stamp own_stamp_{};
    mutable std::mutex setting_info_;

    std::atomic<bool> recovered_{false};
    std::atomic<bool> somebody_was_woken_{false};
    std::atomic<std::uint64_t> last_acquisition_{0};
    std::atomic<std::time_t> last_look_second_{0};
    std::atomic<std::int64_t> last_look_tick_{0};
};

inline bool lock_protocol::magic_is_good() noexcept
{
    auto magic = record_.magic.load(std::memory_order_acquire);
    if (magic == owner_record::version_1)
        return true;
    return magic == owner_record::zeros &&
           (record_.magic.compare_exchange_strong(magic, owner_record::version_1) ||
            magic == owner_record::version_1);
}

inline bool lock_protocol::record_is_good() noexcept
{
    return magic_is_good() && owner_word{record_.word.load(std::memory_order_acquire)}.valid();
}

inline bool lock_protocol::is_own_text(const stamp& text, phase during) const noexcept
{
    return text == record_.ref_b.load() || is_other_own_text(text, during);
}

inline bool lock_protocol::text_is_ours(phase during) const noexcept
{
    return is_own_text(shared_.text.load_stamp(), during) || text_is_ours_at_rest(during);
}

/// What is looked at afterwards is not older than what was looked at before.
inline void fence_between_looks() noexcept
{
#pragma GCC diagnostic push
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored                                                                               \
    "-Wtsan" // ThreadSanitizer does not follow fences; nothing it checks depends on this one
#endif
    std::atomic_thread_fence(std::memory_order_acquire);
#pragma GCC diagnostic pop
}

/// With a fence, since sem_getvalue itself promises no order.
inline int lock_protocol::value() const noexcept
{
    int count_now = 0;
    sem_getvalue(&semaphore_, &count_now);
    fence_between_looks();
    return count_now;
}

inline bool lock_protocol::move_word(owner_word from, owner_word to) noexcept
{
    auto expected = from.bits();
    return record_.word.compare_exchange_strong(expected, to.bits(), std::memory_order_acq_rel,
                                                std::memory_order_acquire);
}

inline bool lock_protocol::word_is(owner_word word) const noexcept
{
    return record_.word.load(std::memory_order_acquire) == word.bits();
}

/// Nobody else changes the word of a living owner that is not `held`, so a store will do.
inline void lock_protocol::set_word(owner_word to) noexcept
{
    record_.word.store(to.bits(), std::memory_order_release);
}

inline bool lock_protocol::replaced_as_of_this_tick() noexcept
{
    std::timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    const auto tick = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
    return last_look_tick_.load(std::memory_order_relaxed) != tick && looks_replaced_at(tick);
}

} // namespace resourcelock
