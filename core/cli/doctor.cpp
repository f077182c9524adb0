#include "doctor.hpp"

#include "local_time.hpp"
#include "lock_look.hpp"
#include "lock_name.hpp"
#include "lock_users.hpp"
#include "processes.hpp"
#include "shell_word.hpp"
#include "utf8.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace resourcelock::cli {

namespace {

std::string owner_text(const lock_evidence& evidence)
{
    if (!evidence.owner)
        return "a program of this library";
    const auto& owner = *evidence.owner;
    return fmt::format("{} (pid {}, user {}) since {}", owner.program, owner.pid, owner.uid,
                       local_time(owner.since));
}

/// Nobody wrote down which one it is.
std::string text_without_owner(const lock_case& seen)
{
    if (is_stuck(seen))
        return "is held by nobody on view";
    const auto& users = seen.users.all;
    const bool others_only =
        std::ranges::any_of(users, &lock_user::beside_record) &&
        std::ranges::none_of(users, [](const auto& user) { return user.beside_record && user.is_python; });
    return others_only ? "is held by a program that uses the semaphore alone, or by a dead one"
                       : "is held by a Python program, or by one that died holding it";
}

/// What the lock is doing, in words that follow its name.
std::string situation(const lock_case& seen)
{
    const auto& evidence = seen.evidence;
    switch (seen.holder()) {
    case holder_kind::no_lock:
        return "does not exist; the first program that opens it makes it";
    case holder_kind::not_to_be_told:
        return "is broken: nobody can tell whether it is held";
    case holder_kind::nobody:
        return "is free";
    case holder_kind::alive:
        return "is held by " + owner_text(evidence) + ", which is " +
               (evidence.owner && is_stopped(evidence.owner->pid) ? "alive but stopped" : "alive");
    case holder_kind::dead:
        return "is held by " + owner_text(evidence) + ", which has died";
    case holder_kind::detached:
        return "is held on purpose, by a get of " + owner_text(evidence) + ", which has ended";
    case holder_kind::python:
        return text_without_owner(seen);
    case holder_kind::unknown:
        return "is held, but its record is not ours and does not tell by whom";
    }
    return {};
}

std::string headline(const lock_case& seen)
{
    auto line = fmt::format("<{}> {}", seen.name, situation(seen));
    constexpr std::size_t longest = 200; // a stranger's file may be full of anything
    if (const auto& info = seen.evidence.info; !info.empty())
        line += fmt::format("{} \"{}{}\"", seen.holder() == holder_kind::nobody ? "; last held:" : ":",
                            valid_utf8(info.substr(0, longest)), info.size() > longest ? "..." : "");
    return line;
}

std::string users_text(const lock_users& users)
{
    const auto names = list(users.all, &lock_user::has_lock);
    return "open in: " + (names.empty() ? "no process" : names);
}

std::string hidden_text(const lock_case& seen)
{
    const std::string list_is = "the list of processes may be incomplete";
    if (geteuid() != 0)
        return list_is + "; see them all with: sudo " + command_line(seen.name, "doctor");
    return list_is + (seen.users.some_not_listed
                          ? "; this system or container does not show them all"
                          : "; these do not show what they have open: " + list(seen.users.hidden));
}

/// What is in order, but good to know.
std::vector<std::string> advice(const lock_case& seen)
{
    std::vector<std::string> lines;
    if (seen.holder() == holder_kind::detached)
        lines.push_back("to end it: " + seen.command("unget"));
    if (seen.holder() == holder_kind::python && !is_stuck(seen)) {
        const auto suspects = list(seen.users.all, &lock_user::beside_record);
        lines.push_back("to free it, if " + (suspects.empty() ? "no Python program" : "none of " + suspects) +
                        " holds it: " + seen.command("unget"));
    }
    if (!seen.steady)
        lines.emplace_back("it is changing hands just now, so this may be out of date");
    if (!seen.users.complete())
        lines.push_back(hidden_text(seen));
    return lines;
}

} // namespace

std::vector<std::string> description(const lock_case& seen)
{
    std::vector<std::string> lines{headline(seen)};
    if (seen.holder() != holder_kind::no_lock || !seen.users.all.empty())
        lines.push_back(users_text(seen.users));
    for (auto& line : advice(seen))
        lines.push_back(std::move(line));
    return lines;
}

diagnosis conclude(const std::vector<std::string>& facts, const std::vector<finding>& found)
{
    diagnosis result{.lines = {}, .something_is_wrong = !found.empty()};
    const auto add = [&result](const std::string& line) {
        result.lines.push_back(result.lines.empty() ? line : "  " + line);
    };
    for (const auto& fact : facts)
        add(fact);
    for (const auto& [what, remedy] : found) {
        add("wrong: " + what);
        add("  to mend it: " + remedy);
    }
    if (found.empty())
        add("nothing is wrong");
    return result;
}

diagnosis examine(std::string_view name)
{
    const auto seen = look_twice(checked_lock_name(name));
    return conclude(description(seen), findings(seen));
}

} // namespace resourcelock::cli
