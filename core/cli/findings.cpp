#include "findings.hpp"

#include "asking_user.hpp"
#include "processes.hpp"
#include "shared_objects.hpp"
#include "shell_word.hpp"

#include <spdlog/fmt/fmt.h>

#include <bit>
#include <numeric>
#include <optional>
#include <utility>

#include <semaphore.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

std::string remove(const lock_case& seen)
{
    if (!seen.users.seen_by_root())
        return "sudo " + command_line(seen.name, "doctor") + " sees who uses it, and says more";
    const auto command = fmt::format("{}rm {} {}", sudo(), shell_word(seen.evidence.semaphore.path),
                                     shell_word(seen.evidence.segment.path));
    const auto users = list(seen.users.all, &lock_user::has_lock);
    return users.empty() ? command : fmt::format("end {}; then: {}", users, command);
}

finding half_a_lock(const lock_case& seen)
{
    const auto& [semaphore, segment] = std::pair{seen.evidence.semaphore, seen.evidence.segment};
    const auto& there = semaphore.exists ? semaphore : segment;
    const auto& missing = semaphore.exists ? segment : semaphore;
    return {fmt::format("{} exists, {} does not; if {} is a lock at all, whoever opens it makes the other",
                        there.path, missing.path, seen.name),
            seen.command("state")};
}

finding irregular(const lock_case& seen)
{
    const auto& file = seen.evidence.semaphore.regular ? seen.evidence.segment : seen.evidence.semaphore;
    return {fmt::format("{} is not a file", file.path), "use another name for the lock"};
}

finding other_word_size(const lock_case& seen)
{
    return {fmt::format("{} has {} bytes and this program's semaphores have {}: a program of another word "
                        "size made it; all programs on a lock must be 32-bit or all 64-bit",
                        seen.evidence.semaphore.path, seen.evidence.semaphore.size, sizeof(sem_t)),
            remove(seen)};
}

finding removed_files(const lock_case& seen)
{
    const auto old = list(seen.users.all, &lock_user::has_removed_files);
    return {fmt::format("its files were removed while in use: {} cannot see who opened it since, nor be seen",
                        old),
            "restart " + old};
}

std::string described(const shm_file& file)
{
    return fmt::format("{} has user {}, group {}, mode {:04o}", file.path, file.user, file.group, file.mode);
}

/// Both were made by one program with one mode. Of one owner's, the one that lets more people in is as it was
/// meant to be: somebody changed it to share the lock.
finding different_modes(const lock_case& seen)
{
    const auto& semaphore = seen.evidence.semaphore;
    const auto& segment = seen.evidence.segment;
    const auto what = described(semaphore) + ", but " + described(segment);
    if (semaphore.user != segment.user)
        return {what, remove(seen)};
    const bool semaphore_is_right = std::popcount(semaphore.mode) >= std::popcount(segment.mode);
    const auto& right = semaphore_is_right ? semaphore : segment;
    const auto path = shell_word(semaphore_is_right ? segment.path : semaphore.path);
    return {what,
            fmt::format("{0}chgrp {1} {2} && {0}chmod {3:04o} {2}", sudo(), right.group, path, right.mode)};
}

/// Who opens a lock reads and writes.
finding unusable_mode(const lock_case& seen)
{
    const auto& [semaphore, segment] = std::pair{seen.evidence.semaphore, seen.evidence.segment};
    return {described(semaphore) + ": not even its user can use it",
            fmt::format("{}chmod 0600 {} {}", sudo(), shell_word(semaphore.path), shell_word(segment.path))};
}

finding foreign_record(const lock_case& seen)
{
    const auto& evidence = seen.evidence;
    const auto what =
        evidence.magic_is_known() ? fmt::format("its word is {:#018x}", evidence.word.bits())
        : evidence.magic == owner_record::being_made
            ? "somebody died while making it anew"
            : fmt::format("it begins with {:#010x}; a Python text of 3840 bytes or more ran over it, or "
                          "another version of this library uses the lock",
                          evidence.magic);
    const auto renew = seen.command("get -a 0");
    return {"its owner record is not one of this library: " + what,
            evidence.count == 0
                ? fmt::format("when nobody uses what it guards: {}; {}", seen.command("unget"), renew)
                : renew};
}

finding too_many_units(const lock_case& seen)
{
    const int count = *seen.evidence.count;
    return {fmt::format("its semaphore counts {}: that many Python programs can hold it at once", count),
            count > most_surplus_units ? remove(seen) : seen.command("get -a 0")};
}

finding leaked_waiters(const lock_case& seen, unsigned leaked)
{
    return {
        fmt::format("its semaphore counts {} waiter{} that died in their sleep: every release costs a system "
                    "call",
                    leaked, leaked == 1 ? "" : "s"),
        "when it suits: " + remove(seen)};
}

/// Next in line, has not got the unit that is there: it does not run.
std::optional<finding> stopped_waiter(const lock_case& seen)
{
    const auto& evidence = seen.evidence;
    if (!evidence.word.is(phase::waiting) || !evidence.owner_lives || evidence.count == 0)
        return std::nullopt;
    for (const auto& user : seen.users.all) {
        if (user.has_lock && is_stopped(user.pid))
            return finding{fmt::format("{} {} is stopped; if it is next in line, it keeps other programs of "
                                       "this library out",
                                       user.pid, user.program),
                           fmt::format("{}kill -CONT {}", sudo(), user.pid)};
    }
    return std::nullopt;
}

unsigned waiters_that_died(const lock_case& seen)
{
    const auto asleep =
        std::accumulate(seen.users.all.begin(), seen.users.all.end(), 0U,
                        [](unsigned sum, const lock_user& user) { return sum + user.possible_waiters; });
    return seen.users.seen_by_root() && seen.evidence.waiters > asleep ? seen.evidence.waiters - asleep : 0;
}

/// A Python program posted for a living holder of ours: Python programs pass, ours do not.
bool is_forced(const lock_case& seen)
{
    const auto& evidence = seen.evidence;
    return seen.holder() == holder_kind::alive && evidence.word.is(phase::held) &&
           (evidence.count != 0 || !evidence.text_is_owners);
}

void judge_hold(const lock_case& seen, std::vector<finding>& found)
{
    if (seen.holder() == holder_kind::dead)
        found.push_back({"its holder died", seen.command("reap")});
    if (is_forced(seen)) {
        const auto& owner = seen.evidence.owner;
        const auto who = owner ? fmt::format("{} {}", owner->pid, owner->program) : std::string{"its holder"};
        found.push_back({"somebody released it by force while its holder works: Python programs can have it "
                         "too",
                         "wait until " + who + " has released it, or end that"});
    }
    if (auto waiter = stopped_waiter(seen))
        found.push_back(std::move(*waiter));
    if (is_stuck(seen))
        found.push_back({"it is held, and no process has it open that could hold it: a Python program died "
                         "holding it, or a program was killed in the act of taking it",
                         seen.command("unget")});
    if (seen.evidence.count > 1)
        found.push_back(too_many_units(seen));
    if (const auto leaked = waiters_that_died(seen); leaked > 0)
        found.push_back(leaked_waiters(seen, leaked));
}

/// What has both files, and can be told without knowing what stands in them.
void judge_files(const lock_case& seen, std::vector<finding>& found)
{
    const auto& semaphore = seen.evidence.semaphore;
    const auto& segment = seen.evidence.segment;
    if (!semaphore.regular || !segment.regular) {
        found.push_back(irregular(seen));
        return;
    }
    if (!seen.evidence.count)
        found.push_back(other_word_size(seen));
    if ((semaphore.mode & segment.mode & 0600U) != 0600)
        found.push_back(unusable_mode(seen));
    else if (semaphore.user != segment.user || semaphore.group != segment.group ||
             semaphore.mode != segment.mode)
        found.push_back(different_modes(seen));
}

holder_kind holder_by_word(const lock_evidence& evidence)
{
    const bool taken = evidence.count == 0;
    const auto& word = evidence.word;
    const auto without_word = taken ? holder_kind::python : holder_kind::nobody;
    if (word.is(phase::detached))
        return taken ? holder_kind::detached : holder_kind::nobody;
    if (word.is(phase::free))
        return without_word;
    const bool waiting = word.is(phase::waiting); // has no unit; died, it may have, if the text says so
    if (evidence.owner_lives)
        return waiting ? without_word : holder_kind::alive;
    if (!taken)
        return holder_kind::nobody;
    const bool owners = waiting ? evidence.text.is_blank() : evidence.text_is_owners;
    return owners ? holder_kind::dead : holder_kind::python;
}

} // namespace

holder_kind lock_case::holder() const noexcept
{
    if (!evidence.semaphore.exists && !evidence.segment.exists)
        return holder_kind::no_lock;
    if (!evidence.segment.regular || !evidence.count)
        return holder_kind::not_to_be_told;
    if (!evidence.record_is_good())
        return evidence.count == 0 ? holder_kind::unknown : holder_kind::nobody;
    return holder_by_word(evidence);
}

std::string lock_case::command(const std::string& verb) const
{
    // A lock is mostly its user's own; who needed sudo to look at it needs it for this, too.
    return (geteuid() == 0 ? sudo() : "") + command_line(name, verb);
}

bool is_held(const lock_case& seen)
{
    const auto holder = seen.holder();
    return holder != holder_kind::no_lock && holder != holder_kind::nobody &&
           holder != holder_kind::not_to_be_told;
}

bool is_stuck(const lock_case& seen)
{
    return seen.holder() == holder_kind::python && seen.steady && seen.users.seen_by_root() &&
           list(seen.users.all, &lock_user::beside_record).empty();
}

std::string list(const std::vector<lock_user>& users)
{
    std::string text;
    for (const auto& user : users)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", user.pid, user.program);
    return text;
}

std::string list(std::vector<lock_user> users, bool lock_user::*which)
{
    std::erase_if(users, [which](const auto& user) { return !(user.*which); });
    return list(users);
}

std::vector<finding> findings(const lock_case& seen)
{
    std::vector<finding> found;
    const bool exists = seen.evidence.semaphore.exists || seen.evidence.segment.exists;
    if (exists && !seen.evidence.complete() && seen.steady)
        found.push_back(half_a_lock(seen));
    if (!list(seen.users.all, &lock_user::has_removed_files).empty())
        found.push_back(removed_files(seen));
    if (!seen.evidence.complete())
        return found;
    judge_files(seen, found);
    if (!seen.steady || seen.holder() == holder_kind::not_to_be_told)
        return found;
    if (!seen.evidence.record_is_good())
        found.push_back(foreign_record(seen));
    judge_hold(seen, found);
    return found;
}

} // namespace resourcelock::cli
