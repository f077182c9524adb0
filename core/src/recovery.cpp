#include "lock_protocol.hpp"

#include <thread>

/// What becomes of a lock whose holder has died, and of one that somebody releases by force.
namespace resourcelock {

namespace {

/// A Python program that has taken the semaphore writes its text some microseconds later. This is how long we
/// give it before its silence counts: W3 of docs/protocol.md.
constexpr std::chrono::nanoseconds grace_length = std::chrono::milliseconds{250};

/// How long a forced unget waits for an owner that is about to take or release the lock, and for another
/// forced unget.
constexpr auto longest_unget = std::chrono::seconds{1};
constexpr auto unget_step = std::chrono::milliseconds{1};

std::uint64_t monotonic_now() noexcept
{
    return static_cast<std::uint64_t>(patience::clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds{1});
}

} // namespace

bool lock_protocol::is_dead(owner_word word) const noexcept
{
    return !word.is(phase::free) && !word.is(phase::detached) && word.who() != witness_.token() &&
           probe(objects_, word.who()) == life::dead;
}

/// RECOVER 1 to 4. Changes nothing but the grace period.
lock_protocol::verdict lock_protocol::judge(owner_word dead) noexcept
{
    // Before S and the text are looked at: we may be stopped in between, and what we saw before the grace
    // ended says nothing about its end.
    const auto asked_at = monotonic_now();
    if (dead.is(phase::waiting) && !shared_.text.load_stamp().is_blank())
        return verdict::drop; // it never had the unit
    if (value() > 0)
        return verdict::drop; // a unit is free: there is nothing to inherit
    const auto text = shared_.text.load_stamp();
    if (!is_own_text(text, dead.what()))
        return verdict::drop; // a Python program has the unit
    if (dead.is(phase::held))
        return verdict::inherit;
    return grace_is_over(dead, text, asked_at) ? verdict::inherit : verdict::not_yet;
}

/// The grace period stands in the record, not in the waiter, so that a series of waiters too short-lived to
/// see its end still comes to it. A start in the future is another boot's or another time namespace's.
bool lock_protocol::grace_is_over(owner_word dead, const stamp& text, std::uint64_t asked_at) noexcept
{
    auto& grace = record_.grace;
    const auto now = monotonic_now(); // it begins after the looks, and is over before them
    const auto start = grace.start.load(std::memory_order_relaxed);
    if (grace.word.load(std::memory_order_acquire) == dead.bits() && grace.text.load() == text &&
        start <= now)
        return asked_at >= start && asked_at - start >= static_cast<std::uint64_t>(grace_length.count());
    grace.word.store(0, std::memory_order_relaxed);
    grace.text.store(text);
    grace.start.store(now, std::memory_order_relaxed);
    grace.word.store(dead.bits(), std::memory_order_release);
    return false;
}

/// RECOVER 5, for one who wants the lock. `inherited`: unit and word are ours; `again`: the word is, as
/// `waiting`; nullopt: not yet, or somebody else was faster.
std::optional<lock_protocol::step> lock_protocol::recover(owner_word dead) noexcept
{
    switch (judge(dead)) {
    case verdict::drop:
        return move_word(dead, mine(phase::waiting)) ? std::optional{step::again} : std::nullopt;
    case verdict::inherit:
        if (!move_word(dead, mine(phase::acquiring)))
            return std::nullopt;
        record_.recoveries.fetch_add(1, std::memory_order_relaxed);
        return step::inherited;
    case verdict::not_yet:
        break;
    }
    return std::nullopt;
}

void lock_protocol::reap() noexcept
{
    if (!record_is_good())
        return;
    const owner_word seen{record_.word.load(std::memory_order_acquire)};
    if (!is_dead(seen))
        return;
    switch (judge(seen)) {
    case verdict::drop:
        if (move_word(seen, owner_word{}))
            wake_one();
        break;
    case verdict::inherit:
        if (move_word(seen, mine(phase::releasing))) {
            record_.recoveries.fetch_add(1, std::memory_order_relaxed);
            record_.untold_recovery.store(1, std::memory_order_relaxed);
            post_if_taken();
            free_word();
        }
        break;
    case verdict::not_yet:
        break;
    }
}

// ---- UNGET

bool lock_protocol::release_by_force() noexcept
{
    const auto end = patience::clock::now() + longest_unget;
    const auto in_time = [&] {
        std::this_thread::sleep_for(unget_step);
        return patience::clock::now() < end;
    };
    // One forced unget at a time, or two could post twice. The kernel ends this lock with its process.
    const auto file = objects_.open_segment();
    if (!file.is_open())
        return false;
    while (!lock_unget_byte(file)) {
        if (!in_time())
            return false;
    }
    auto done = try_release_by_force();
    while (!done && in_time())
        done = try_release_by_force();
    unlock_unget_byte(file); // a child that was forked meanwhile has the file open for longer
    return done.value_or(false);
}

/// Whether something was released; nullopt: the owner is between two steps, try again.
std::optional<bool> lock_protocol::try_release_by_force() noexcept
{
    if (!record_is_good())
        return post_if_taken();
    const owner_word seen{record_.word.load(std::memory_order_acquire)};
    const bool was_locked = is_locked();
    const bool alive = !is_dead(seen);
    switch (seen.what()) {
    case phase::waiting:
        if (alive)
            return post_if_taken(); // for it; its word stays
        [[fallthrough]];
    case phase::free:
        if (!was_locked)
            return false;
        // As `waiting`, which claims no unit: if we die here, nobody infers that the unit was ours.
        if (!move_word(seen, mine(phase::waiting)))
            return std::nullopt;
        break;
    case phase::acquiring:
    case phase::releasing:
        if (alive)
            return std::nullopt;
        [[fallthrough]];
    case phase::held:
    case phase::detached:
        if (!move_word(seen, mine(phase::releasing)))
            return std::nullopt;
        break;
    }
    post_if_taken();
    free_word();
    return was_locked;
}

bool lock_protocol::post_if_taken() noexcept
{
    if (value() > 0)
        return false;
    sem_post(&semaphore_);
    if (value() > 1)
        sem_trywait(&semaphore_); // somebody else posted in the same moment
    return true;
}

} // namespace resourcelock
