#include "lock_protocol.hpp"

#include "futex.hpp"

#include <cerrno>
#include <thread>

/// ACQUIRE, WAIT and TIMEOUT.
namespace resourcelock {

namespace {

void count(std::atomic<std::uint64_t>& counter) noexcept
{
    counter.store(counter.load(std::memory_order_relaxed) + 1,
                  std::memory_order_relaxed); // its owner is the only writer
}

} // namespace

/// Whoever released last and woke a waiter lets it go first, else it would find the lock taken again by the
/// time it runs. Ends by itself when nobody comes, so that there is no queue to repair after a crash.
void lock_protocol::give_way() noexcept
{
    constexpr auto step_length = std::chrono::microseconds{100};
    constexpr auto longest = std::chrono::milliseconds{1};
    somebody_was_woken_.store(false, std::memory_order_relaxed);
    const auto last = last_acquisition_.load(std::memory_order_relaxed);
    const auto end = patience::clock::now() + longest;
    while (record_.acquisitions.load(std::memory_order_relaxed) == last && patience::clock::now() < end)
        std::this_thread::sleep_for(step_length);
}

/// `flatten`: its parts are inlined, but for those that are cold; a fifth of its time were calls.
[[gnu::flatten]] lock_protocol::grant lock_protocol::acquire(const get_options& options) noexcept
{
    patience wait{options.timeout, options.stop};
    if (somebody_was_woken_.load(std::memory_order_relaxed) && !wait.asks_once()) {
        wait.start();
        give_way();
    }
    const auto outcome = bid(wait);
    if (outcome == step::timed_out)
        return objects_.replaced() ? grant::replaced : grant::timed_out;
    if (outcome == step::replaced)
        return grant::replaced;
    if (wait.slept())
        count(record_.contended);
    const auto second = finish(options.lock_info);
    const bool untold = record_.untold_recovery.load(std::memory_order_relaxed) != 0;
    if (untold)
        record_.untold_recovery.store(0, std::memory_order_relaxed);
    recovered_.store(outcome == step::inherited || untold, std::memory_order_relaxed);
    if (second != last_look_second_.load(std::memory_order_relaxed)) {
        last_look_second_.store(second, std::memory_order_relaxed);
        if (objects_.replaced()) {
            release();
            return grant::replaced;
        }
    }
    return grant::acquired;
}

/// Until the unit is ours, or waiting has an end.
lock_protocol::step lock_protocol::bid(patience& wait) noexcept
{
    step last = step::again;
    while (last == step::again) {
        const bool known = magic_is_good();
        const owner_word seen{record_.word.load(std::memory_order_acquire)};
        if (!known || !seen.valid()) {
            last = take_unit_from_unknown_owner(wait);
            continue;
        }
        const bool free = seen.is(phase::free);
        const bool released_by_others = seen.is(phase::detached) && value() > 0; // ACQUIRE 0
        std::optional<step> entered; // `again`: the word is ours and says waiting
        if (free || released_by_others) {
            if (!move_word(seen, mine(phase::waiting))) // ACQUIRE 1
                continue;
            entered = step::again;
        } else if (is_dead(seen)) {
            entered = recover(seen);
        }
        if (!entered)
            last = wait_for_owner(seen, wait);
        else
            last = *entered == step::again ? take_unit(wait) : *entered;
    }
    return last;
}

lock_protocol::step lock_protocol::wait_for_owner(owner_word seen, patience& wait) noexcept
{
    const auto among = wait.slept() ? sleepers::patient : sleepers::newcomers;
    const auto sleep = wait.next_sleep();
    if (!sleep)
        return step::timed_out;
    record_.waiter_hint.store(1, std::memory_order_relaxed);
    futex_wait(record_.word, seen.bits(), *sleep, among);
    return objects_.replaced() ? step::replaced : step::again;
}

/// From `waiting` to `acquiring` with the unit, ACQUIRE 2 to 6.
lock_protocol::step lock_protocol::take_unit(patience& wait) noexcept
{
    for (;;) {
        const auto before = shared_.text.load_stamp();
        record_.ref_a.store(before);
        if (value() == 0) {
            if (const auto waited = wait_for_unit(wait); waited != step::again)
                return waited;
            if (!record_is_good() || !word_is(mine(phase::waiting)))
                return step::again;
            continue;
        }
        if (shared_.text.load_stamp() !=
            before) // a Python program came and went: the evidence is out of date
            continue;
        // A store would do, but for a record that was overwritten and made anew by its next holder while we
        // were stopped here.
        if (!move_word(mine(phase::waiting), mine(phase::acquiring)))
            return step::again;
        if (sem_trywait(&semaphore_) == 0)
            return step::got;
        if (!move_word(mine(phase::acquiring), mine(phase::waiting)))
            return step::again;
    }
}

/// Gives the line up, TIMEOUT.
lock_protocol::step lock_protocol::give_up(step why) noexcept
{
    if (move_word(mine(phase::waiting), owner_word{}))
        wake_one();
    return why;
}

/// Sleeps inside the semaphore, because a Python program has the unit: WAIT. At most one C++ program at a
/// time does so; a killed one leaves glibc's count of waiters wrong for ever, which makes every post slower.
/// `again`: look anew.
lock_protocol::step lock_protocol::wait_for_unit(patience& wait) noexcept
{
    const auto before = record_.ref_a.load();
    for (;;) {
        const auto sleep = wait.next_sleep();
        if (!sleep)
            return give_up(step::timed_out);
        const auto until = end_of(*sleep);
        if (sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &until) == 0) {
            shared_.text.blank(); // at once: a kill before this store leaves no trace of who took the unit
            if (move_word(mine(phase::waiting), mine(phase::acquiring)))
                return step::got;
            sem_post(&semaphore_); // the record was overwritten while we slept
            return step::again;
        }
        if (errno == EINTR)
            continue;
        if (!record_is_good() || shared_.text.load_stamp() != before)
            return step::again;
        if (objects_.replaced())
            return give_up(step::replaced);
    }
}

/// The record is not ours to read: another version wrote it, or a text ran over it. Then nobody is judged
/// dead; the semaphore alone decides, and whoever gets it makes the record anew.
lock_protocol::step lock_protocol::take_unit_from_unknown_owner(patience& wait) noexcept
{
    if (sem_trywait(&semaphore_) != 0) {
        const auto sleep = wait.next_sleep(std::chrono::milliseconds{1});
        if (!sleep)
            return step::timed_out;
        std::this_thread::sleep_for(*sleep); // looking beats sleeping inside: several programs may be here
        return objects_.replaced() ? step::replaced : step::again;
    }
    // Good by now, if somebody made it anew meanwhile and has gone again; else finish() does so.
    if (!record_is_good() || move_word(owner_word{}, mine(phase::acquiring)))
        return step::got;
    sem_post(&semaphore_);
    return step::again;
}

void lock_protocol::make_record_anew() noexcept
{
    record_.magic.store(owner_record::being_made, std::memory_order_release);
    set_word(mine(phase::acquiring));
    record_.ref_a.store({});
    record_.ref_b.store({});
    record_.grace.word.store(0, std::memory_order_relaxed);
    record_.facts.token.store(0, std::memory_order_relaxed);
    record_.acquisitions.store(0, std::memory_order_relaxed);
    record_.contended.store(0, std::memory_order_relaxed);
    record_.recoveries.store(0, std::memory_order_relaxed);
    record_.untold_recovery.store(0, std::memory_order_relaxed);
    record_.waiter_hint.store(1, std::memory_order_relaxed);
    record_.magic.store(owner_record::version_1, std::memory_order_release);
}

/// From `acquiring` with the unit to `held`, ACQUIRE 7 to 11; nothing here can fail. Returns the second of
/// the acquire.
std::time_t lock_protocol::finish(std::string_view info) noexcept
{
    if (!record_is_good()) // it never was, or a long text ran over it on the way
        make_record_anew();
    shared_.text.blank();
    for (int surplus = 0; surplus < most_surplus_units && sem_trywait(&semaphore_) == 0; ++surplus) {
    }
    const auto since = text_.compose(info);
    const auto own = text_.head();
    own_stamp_.store(own);
    holding_.store(true, std::memory_order_relaxed);
    record_.ref_b.store(own);
    write_facts(since);
    shared_.text.write(text_);
    count(record_.acquisitions);
    const auto second = text_.second(); // from the next statement on, text_ may be another thread's
    set_word(mine(phase::held));        // says from now on: the text is ref_b
    return second;
}

void lock_protocol::write_facts(std::uint64_t since) noexcept
{
    auto& facts = record_.facts;
    constexpr auto relaxed = std::memory_order_relaxed;
    if (facts.token.load(relaxed) != witness_.token())
        write_process_facts();
    facts.tid.store(static_cast<std::uint32_t>(thread_id(witness_.process())), relaxed);
    facts.since.store(since, relaxed);
    facts.token.store(witness_.token(), std::memory_order_release);
}

void lock_protocol::write_process_facts() noexcept
{
    auto& facts = record_.facts;
    constexpr auto relaxed = std::memory_order_relaxed;
    facts.token.store(0, relaxed);
    std::array<char, 16> comm{};
    facts_.comm.copy(comm.data(), comm.size() - 1);
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(comm);
    facts.comm[0].store(words[0], relaxed);
    facts.comm[1].store(words[1], relaxed);
    facts.pid.store(static_cast<std::uint32_t>(facts_.pid), relaxed);
    facts.uid.store(facts_.uid, relaxed);
    facts.start_time.store(facts_.start_time, relaxed);
}

} // namespace resourcelock
