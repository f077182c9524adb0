#include "lock_protocol.hpp"

#include "futex.hpp"

#include <cerrno>
#include <thread>

namespace resourcelock {

namespace {

/// Keeps a look at the semaphore before the looks that follow it; sem_getvalue itself promises no order.
void fence_after_look() noexcept
{
#pragma GCC diagnostic push
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored                                                                               \
    "-Wtsan" // ThreadSanitizer does not follow fences; nothing it checks depends on this one
#endif
    std::atomic_thread_fence(std::memory_order_acquire);
#pragma GCC diagnostic pop
}

void count(std::atomic<std::uint64_t>& counter) noexcept
{
    counter.store(counter.load(std::memory_order_relaxed) + 1,
                  std::memory_order_relaxed); // its owner is the only writer
}

} // namespace

lock_protocol::lock_protocol(const std::string& name, const lock_options& options)
    : objects_{name, options},
      witness_{objects_},
      facts_{read_process_facts()},
      shared_{objects_.shared()},
      record_{shared_.record},
      semaphore_{objects_.semaphore()}
{
    reap();
}

// ---- the words
// ----------------------------------------------------------------------------------------------------------

bool lock_protocol::record_is_good() noexcept
{
    auto magic = record_.magic.load(std::memory_order_acquire);
    if (magic == owner_record::zeros && record_.magic.compare_exchange_strong(magic, owner_record::version_1))
        magic = owner_record::version_1;
    return magic == owner_record::version_1 &&
           owner_word{record_.word.load(std::memory_order_acquire)}.valid();
}

bool lock_protocol::move_word(owner_word from, owner_word to) noexcept
{
    auto expected = from.bits();
    return record_.word.compare_exchange_strong(expected, to.bits(), std::memory_order_acq_rel,
                                                std::memory_order_acquire);
}

bool lock_protocol::word_is(owner_word word) const noexcept
{
    return record_.word.load(std::memory_order_acquire) == word.bits();
}

/// Nobody else changes the word of a living owner that is not `held`, so a store will do.
void lock_protocol::set_word(owner_word to) noexcept
{
    record_.word.store(to.bits(), std::memory_order_release);
}

void lock_protocol::free_word() noexcept
{
    set_word(owner_word{});
    wake_one();
}

/// The hint may be seen too late, since nothing orders it after the store of the word; that costs the waiter
/// one slice.
void lock_protocol::wake_one() noexcept
{
    if (record_.waiter_hint.load(std::memory_order_relaxed) == 0)
        return;
    record_.waiter_hint.store(0, std::memory_order_relaxed);
    if (!futex_wake_one(record_.word))
        return;
    record_.waiter_hint.store(
        1, std::memory_order_relaxed); // there may be more; a count would leak when waiters die
    last_acquisition_.store(record_.acquisitions.load(std::memory_order_relaxed), std::memory_order_relaxed);
    somebody_was_woken_.store(true, std::memory_order_relaxed);
}

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

// ---- ACQUIRE
// ------------------------------------------------------------------------------------------------------------

lock_protocol::grant lock_protocol::acquire(std::string_view info, patience& wait) noexcept
{
    if (somebody_was_woken_.load(std::memory_order_relaxed) && !wait.asks_once())
        give_way();
    const auto outcome = bid(wait);
    if (outcome == step::timed_out)
        return objects_.replaced() ? grant::replaced : grant::timed_out;
    if (outcome == step::replaced)
        return grant::replaced;
    if (wait.slept())
        count(record_.contended);
    const auto second = finish(info) / 1'000'000'000;
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
        if (!record_is_good()) {
            last = take_unit_from_unknown_owner(wait);
            continue;
        }
        const owner_word seen{record_.word.load(std::memory_order_acquire)};
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
    const auto sleep = wait.next_sleep();
    if (!sleep)
        return step::timed_out;
    record_.waiter_hint.store(1, std::memory_order_relaxed);
    futex_wait(record_.word, seen.bits(), *sleep);
    return objects_.replaced() ? step::replaced : step::again;
}

/// From `waiting` to `acquiring` with the unit, ACQUIRE 2 to 6.
lock_protocol::step lock_protocol::take_unit(patience& wait) noexcept
{
    for (;;) {
        const auto before = shared_.text.load_stamp();
        record_.ref_a.store(before);
        if (value() == 0) {
            if (const auto waited = wait_for_unit(before, wait); waited != step::again)
                return waited;
            if (!record_is_good() || !word_is(mine(phase::waiting)))
                return step::again;
            continue;
        }
        fence_after_look();
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
lock_protocol::step lock_protocol::wait_for_unit(const stamp& before, patience& wait) noexcept
{
    for (;;) {
        const auto sleep = wait.next_sleep();
        if (!sleep)
            return give_up(step::timed_out);
        const auto end = (patience::clock::now() + *sleep).time_since_epoch();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(end);
        std::timespec until{};
        until.tv_sec = static_cast<std::time_t>(seconds.count());
        until.tv_nsec = static_cast<long>((end - seconds).count());
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

/// From `acquiring` with the unit to `held`, ACQUIRE 7 to 11; nothing here can fail. Returns the time of the
/// acquire.
std::uint64_t lock_protocol::finish(std::string_view info) noexcept
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
    set_word(mine(phase::held)); // says from now on: the text is ref_b
    return since;
}

void lock_protocol::write_facts(std::uint64_t since) noexcept
{
    auto& facts = record_.facts;
    constexpr auto relaxed = std::memory_order_relaxed;
    if (facts.token.load(relaxed) != witness_.token()) {
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
    facts.tid.store(static_cast<std::uint32_t>(thread_id()), relaxed);
    facts.since.store(since, relaxed);
    facts.token.store(witness_.token(), std::memory_order_release);
}

// ---- RELEASE, DETACH
// ----------------------------------------------------------------------------------------------------

bool lock_protocol::is_own_text(const stamp& text, phase during) const noexcept
{
    if (text == record_.ref_b.load() || text == record_.ref_a.load() || text.is_blank())
        return true;
    // Whoever takes the lock writes the time. A text without one is somebody's set_lock_info and says nothing
    // about the unit, except while it was being taken: then Python may have got it and written such a text
    // next.
    return (during == phase::held || during == phase::releasing) && !text.is_time();
}

bool lock_protocol::release() noexcept
{
    if (!record_is_good())
        return release_without_record();
    if (!move_word(mine(phase::held), mine(phase::releasing))) { // RELEASE 1
        if (owner_word{record_.word.load(std::memory_order_relaxed)}.who() != witness_.token())
            holding_.store(false, std::memory_order_relaxed);
        return false;
    }
    holding_.store(false, std::memory_order_relaxed);
    // A unit that is there was posted by somebody else, and a foreign text is that of a Python program which
    // took the unit after that. Neither is ours to post.
    const bool ours = value() == 0 && is_own_text(shared_.text.load_stamp(), phase::releasing);
    if (ours)
        sem_post(&semaphore_);
    free_word();
    return ours;
}

bool lock_protocol::release_without_record() noexcept
{
    if (!holding_.exchange(false, std::memory_order_relaxed))
        return false;
    const auto text = shared_.text.load_stamp();
    const bool ours = text == own_stamp_.load() || !text.is_time(); // as is_own_text() would judge
    return ours && post_if_taken();
}

bool lock_protocol::detach() noexcept
{
    if (!holds() || !move_word(mine(phase::held), mine(phase::detached)))
        return false;
    holding_.store(false, std::memory_order_relaxed);
    return true;
}

// ---- looking
// ------------------------------------------------------------------------------------------------------------

int lock_protocol::value() const noexcept
{
    int count_now = 0;
    sem_getvalue(&semaphore_, &count_now);
    return count_now;
}

bool lock_protocol::holds() noexcept
{
    return record_is_good() && word_is(mine(phase::held)) && value() == 0 &&
           is_own_text(shared_.text.load_stamp(), phase::held);
}

bool lock_protocol::is_locked() noexcept
{
    if (value() == 0)
        return true;
    const owner_word seen{record_.word.load(std::memory_order_acquire)};
    return record_is_good() && seen.is(phase::held) && !is_dead(seen);
}

lock_state lock_protocol::state()
{
    lock_state result;
    const owner_word seen{record_is_good() ? record_.word.load(std::memory_order_acquire) : 0};
    result.value = value();
    result.locked = is_locked();
    result.info = info();
    if (!result.locked)
        return result;
    switch (seen.what()) {
    case phase::detached:
        result.status = owner_status::detached;
        break;
    case phase::acquiring:
    case phase::held:
    case phase::releasing:
        result.status = is_dead(seen) ? owner_status::dead : owner_status::alive;
        break;
    case phase::free:
    case phase::waiting:
        result.status = owner_status::unknown;
        return result;
    }
    const auto& facts = record_.facts;
    if (facts.token.load(std::memory_order_acquire) != seen.who())
        return result;
    lock_owner owner;
    owner.pid = static_cast<pid_t>(facts.pid.load(std::memory_order_relaxed));
    owner.tid = static_cast<pid_t>(facts.tid.load(std::memory_order_relaxed));
    owner.uid = facts.uid.load(std::memory_order_relaxed);
    owner.start_time = facts.start_time.load(std::memory_order_relaxed);
    const std::array words{facts.comm[0].load(std::memory_order_relaxed),
                           facts.comm[1].load(std::memory_order_relaxed)};
    const auto comm = std::bit_cast<std::array<char, 16>>(words);
    owner.comm = valid_utf8({comm.begin(), std::find(comm.begin(), comm.end(), '\0')});
    owner.since = std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds{
            static_cast<std::int64_t>(facts.since.load(std::memory_order_relaxed))})};
    result.owner = std::move(owner);
    return result;
}

std::string lock_protocol::info() const { return valid_utf8(shared_.text.read()); }

bool lock_protocol::set_info(std::string_view text) noexcept
{
    info_text fitting;
    fitting.assign(text);
    const bool is_holder = holds();
    if (!is_holder && fitting.head().is_time())
        return false; // the holder would take it for that of a Python program which has the unit by now
    if (is_holder) {
        record_.ref_a.store(record_.ref_b.load()); // the present text stays ours until the new one stands
        own_stamp_.store(fitting.head());
        record_.ref_b.store(fitting.head());
    }
    shared_.text.erase(); // no time, so no evidence against the holder, while it is half written
    shared_.text.write(fitting);
    return true;
}

bool lock_protocol::replaced_as_of_this_tick() noexcept
{
    std::timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    const auto tick = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
    if (last_look_tick_.load(std::memory_order_relaxed) == tick)
        return false;
    last_look_tick_.store(tick, std::memory_order_relaxed);
    return objects_.replaced();
}

} // namespace resourcelock
