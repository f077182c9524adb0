#include "lock_protocol.hpp"

#include "futex.hpp"
#include "utf8.hpp"

namespace resourcelock {

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

void lock_protocol::free_word() noexcept
{
    set_word(owner_word{});
    wake_one();
}

/// The hint may be seen too late, since nothing orders it after the store of the word; that costs the waiter
/// one slice.
void lock_protocol::wake_one() noexcept
{
    if (record_.waiter_hint.load(std::memory_order_relaxed) != 0)
        wake_sleeper();
}

void lock_protocol::wake_sleeper() noexcept
{
    record_.waiter_hint.store(0, std::memory_order_relaxed);
    if (!futex_wake_one(record_.word, sleepers::patient) &&
        !futex_wake_one(record_.word, sleepers::newcomers))
        return;
    record_.waiter_hint.store(
        1, std::memory_order_relaxed); // there may be more; a count would leak when waiters die
    last_acquisition_.store(record_.acquisitions.load(std::memory_order_relaxed), std::memory_order_relaxed);
    somebody_was_woken_.store(true, std::memory_order_relaxed);
}

// ---- RELEASE, DETACH

bool lock_protocol::is_other_own_text(const stamp& text, phase during) const noexcept
{
    return record_.is_other_own_text(text, during);
}

bool lock_protocol::text_is_ours_at_rest(phase during) const noexcept
{
    const std::lock_guard no_other_thread{setting_info_};
    return is_own_text(shared_.text.load_stamp(), during);
}

bool lock_protocol::release() noexcept
{
    if (!magic_is_good())
        return release_without_record();
    if (!move_word(mine(phase::held), mine(phase::releasing))) { // RELEASE 1
        const owner_word seen{record_.word.load(std::memory_order_relaxed)};
        if (!seen.valid())
            return release_without_record();
        if (seen.who() != witness_.token())
            holding_.store(false, std::memory_order_relaxed);
        return false;
    }
    holding_.store(false, std::memory_order_relaxed);
    // A unit that is there was posted by somebody else, and a foreign text is that of a Python program which
    // took the unit after that. Neither is ours to post.
    const bool ours = value() == 0 && text_is_ours(phase::releasing);
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
    const bool ours = text == own_stamp_.load() || !text.is_time(); // as owner_record would judge
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

bool lock_protocol::holds() noexcept
{
    return record_is_good() && word_is(mine(phase::held)) && value() == 0 && text_is_ours(phase::held);
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
    owner_word seen;
    // Until word and semaphore are of one moment: between the two looks somebody may take the lock, or give
    // it back.
    constexpr int most_looks = 10;
    for (int look = 0; look < most_looks; ++look) {
        seen = owner_word{record_is_good() ? record_.word.load(std::memory_order_acquire) : 0};
        result.value = value();
        result.locked = result.value == 0 || (seen.is(phase::held) && !is_dead(seen));
        if (word_is(seen))
            break;
    }
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
    result.owner = owner_of(seen);
    return result;
}

/// Who wrote that word, as it wrote itself down; nullopt before it did, or when another one did meanwhile.
std::optional<lock_owner> lock_protocol::owner_of(owner_word seen) const
{
    const auto& facts = record_.facts;
    if (facts.token.load(std::memory_order_acquire) != seen.who())
        return std::nullopt;
    lock_owner owner;
    owner.pid = static_cast<pid_t>(facts.pid.load(std::memory_order_relaxed));
    owner.tid = static_cast<pid_t>(facts.tid.load(std::memory_order_relaxed));
    owner.uid = facts.uid.load(std::memory_order_relaxed);
    owner.start_time = facts.start_time.load(std::memory_order_relaxed);
    owner.comm = valid_utf8(facts.program());
    owner.since = std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds{
            static_cast<std::int64_t>(facts.since.load(std::memory_order_relaxed))})};
    fence_between_looks();
    if (facts.token.load(std::memory_order_relaxed) != seen.who())
        return std::nullopt;
    return owner;
}

std::string lock_protocol::info() const { return valid_utf8(shared_.text.read()); }

/// Whether the text that stands there tells an owner that a Python program has the unit by now.
bool lock_protocol::text_is_evidence() noexcept
{
    if (!record_is_good() || word_is(owner_word{}) || value() > 0)
        return false;
    const auto text = shared_.text.load_stamp();
    return text.is_time() && !is_own_text(text, phase::held);
}

bool lock_protocol::set_info(std::string_view text) noexcept
{
    info_text fitting;
    fitting.assign(text);
    const bool is_holder = holds();
    if (!is_holder && (fitting.head().is_time() || text_is_evidence()))
        return false;
    const std::lock_guard one_thread{setting_info_};
    if (is_holder) {
        record_.ref_a.store(record_.ref_b.load()); // the present text stays ours until the new one stands
        own_stamp_.store(fitting.head());
        record_.ref_b.store(fitting.head());
    }
    shared_.text.erase(); // no time, so no evidence against the holder, while it is half written
    shared_.text.write(fitting);
    return true;
}

bool lock_protocol::looks_replaced_at(std::int64_t tick) noexcept
{
    const bool replaced = objects_.replaced();
    if (!replaced) // what is replaced stays so, for every look
        last_look_tick_.store(tick, std::memory_order_relaxed);
    return replaced;
}

} // namespace resourcelock
