#include "state_lines.hpp"

#include "local_time.hpp"
#include "output.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <string>

namespace resourcelock::cli {

namespace {

const char* truth(bool value) { return value ? "True" : "False"; }

std::string lock_state_text(const resource_lock& lock)
{
    return fmt::format("Currently locked: <{}>, Lock info: <{}>", truth(lock.is_locked()),
                       lock.get_lock_info());
}

const char* word_for(owner_status status)
{
    switch (status) {
    case owner_status::none:
        return "none";
    case owner_status::alive:
        return "alive";
    case owner_status::dead:
        return "dead";
    case owner_status::detached:
        return "detached";
    case owner_status::unknown:
        break;
    }
    return "unknown";
}

std::string owner_text(const lock_state& state)
{
    auto text = fmt::format("Holder: <{}>", word_for(state.status));
    if (!state.owner)
        return text;
    const auto since = std::chrono::system_clock::to_time_t(state.owner->since);
    return text + fmt::format(", Program: <{}>, Pid: <{}>, Since: <{}>", state.owner->comm, state.owner->pid,
                              local_time(since));
}

} // namespace

void say_result(const resource_lock& lock, const char* call, bool result)
{
    say(fmt::format("<{}> {} called - Returned <{}>, {}", lock.lockname(), call, truth(result),
                    lock_state_text(lock)));
}

bool say_state(const resource_lock& lock, int verbosity)
{
    return say(fmt::format("<{}> {}", lock.lockname(), lock_state_text(lock))) &&
           (verbosity < 1 || say(fmt::format("<{}> {}", lock.lockname(), owner_text(lock.state()))));
}

} // namespace resourcelock::cli
