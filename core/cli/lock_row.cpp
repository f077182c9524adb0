#include "lock_row.hpp"

#include "iso_time.hpp"
#include "local_time.hpp"
#include "lock_name.hpp"
#include "people.hpp"
#include "utf8.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include <sys/stat.h>

namespace resourcelock::cli {

namespace {

constexpr auto red = "31";
constexpr auto yellow = "33";

const char* colour_of(holder_kind holder)
{
    switch (holder) {
    case holder_kind::dead:
    case holder_kind::not_to_be_told:
        return red;
    case holder_kind::no_lock:
    case holder_kind::nobody:
        return nullptr;
    case holder_kind::alive:
    case holder_kind::detached:
    case holder_kind::python:
    case holder_kind::unknown:
        break;
    }
    return yellow;
}

/// An info text in its two parts: whoever takes a lock writes the time in front, "2025-11-06 10:38:11.545309
/// - TEXT", but a set_lock_info() need not.
struct dated_text {
    std::optional<std::time_t> when;
    std::string text;

    explicit dated_text(const std::string& info) : text{info}
    {
        std::tm local{};
        local.tm_isdst = -1;
        const char* const end = strptime(info.c_str(), "%Y-%m-%d %H:%M:%S", &local);
        const auto separator = info.find(" - ");
        if (end == nullptr || separator == std::string::npos)
            return;
        when = std::mktime(&local);
        text = info.substr(separator + 3);
    }
};

std::optional<std::time_t> held_since(const lock_case& seen, const dated_text& info)
{
    const auto holder = seen.holder();
    if (!is_held(seen))
        return std::nullopt;
    const bool has_owner = holder != holder_kind::python && holder != holder_kind::unknown;
    return has_owner && seen.evidence.owner ? seen.evidence.owner->since : info.when;
}

/// Today's time, or else the date.
cell since_cell(std::time_t since, std::time_t now)
{
    const auto text = local_time(since);
    const auto day = text.find(' ');
    const bool is_today = local_time(now).starts_with(text.substr(0, day + 1));
    return {is_today ? text.substr(day + 1) : text.substr(0, day), iso_time(since)};
}

/// As ps(1) prints ELAPSED: [[DD-]hh:]mm:ss.
cell held_cell(std::time_t seconds)
{
    auto text = fmt::format("{:02}:{:02}", seconds / 60 % 60, seconds % 60);
    if (const auto hours = seconds / 3600; hours >= 24)
        text = fmt::format("{}-{:02}:{}", hours / 24, hours % 24, text);
    else if (hours > 0)
        text = fmt::format("{:02}:{}", hours, text);
    return {std::move(text), seconds};
}

template <class Number>
cell number_cell(Number value)
{
    return {std::to_string(value), value};
}

cell mode_cell(mode_t mode) { return {fmt::format("{:04o}", mode)}; }

} // namespace

const std::vector<column>& lock_columns()
{
    static const std::vector<column> all{{"NAME"},       {"STATE"},       {"OWNER"},      {"PID", true},
                                         {"COMMAND"},    {"SINCE", true}, {"HELD", true}, {"WAITERS", true},
                                         {"MODE", true}, {"INFO"}};
    return all;
}

std::string state_word(const lock_case& seen)
{
    switch (seen.holder()) {
    case holder_kind::no_lock:
        return "none";
    case holder_kind::not_to_be_told:
        return "broken";
    case holder_kind::nobody:
        return "free";
    case holder_kind::alive:
        return "held";
    case holder_kind::dead:
        return "dead";
    case holder_kind::detached:
        return "detached";
    case holder_kind::python:
        return "python";
    case holder_kind::unknown:
        break;
    }
    return "unknown";
}

std::vector<cell> lock_row(const lock_case& seen, std::optional<unsigned> waiters)
{
    const auto& evidence = seen.evidence;
    const auto holder = seen.holder();
    const dated_text info{evidence.info};
    cell owner;
    cell pid;
    cell command;
    cell since;
    cell held;
    if (is_held(seen) && holder != holder_kind::python && evidence.owner) {
        owner = user_name(evidence.owner->uid);
        pid = number_cell(evidence.owner->pid);
        command = evidence.owner->program;
    }
    if (const auto start = held_since(seen, info)) {
        const auto now = std::time(nullptr);
        since = since_cell(*start, now);
        held = held_cell(std::max<std::time_t>(now - *start, 0)); // the clock may have been set
    }
    return {{valid_utf8(seen.name)},
            {state_word(seen), colour_of(holder)},
            owner,
            pid,
            command,
            since,
            held,
            waiters ? number_cell(*waiters) : cell{},
            evidence.segment.exists ? mode_cell(evidence.segment.mode) : cell{},
            {info.text, evidence.info}};
}

std::vector<cell> row_without_access(const std::string& name)
{
    std::vector<cell> row(lock_columns().size());
    row[lock_column::name] = valid_utf8(name);
    row[lock_column::state] = {std::string{"no-access"}, yellow};
    struct stat status {};
    if (stat(segment_path(name).c_str(), &status) == 0) {
        row[lock_column::mode] = mode_cell(status.st_mode & 07777U);
        row[lock_column::info] = {"belongs to user " + user_name(status.st_uid), nlohmann::ordered_json{}};
    }
    return row;
}

nlohmann::ordered_json lock_object(const std::vector<cell>& row)
{
    auto object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < row.size(); ++i)
        object[json_key(lock_columns()[i])] = row[i].value;
    return object;
}

} // namespace resourcelock::cli
