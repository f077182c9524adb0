#include "freeing.hpp"

#include "command_line.hpp"
#include "lock_look.hpp"
#include "lock_name.hpp"
#include "output.hpp"
#include "shell_word.hpp"
#include "state_lines.hpp"

#include <resourcelock/resource_lock.hpp>

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include <unistd.h>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

/// The library frees it by itself, at once or after the 250 ms of grace for one that died while it took or
/// released the lock. Another program may have done so, or have inherited it: then it is done, too.
bool dead_hold_ends(const resource_lock& lock)
{
    constexpr auto longest = std::chrono::seconds{2};
    const auto end = std::chrono::steady_clock::now() + longest;
    while (lock.state().status == owner_status::dead) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
}

int say_whether_freed(const resource_lock& lock, const char* call, bool freed)
{
    say_result(lock, call, freed);
    return freed ? exit_done : exit_not_done;
}

void remove_file(const std::string& path)
{
    if (unlink(path.c_str()) != 0 && errno != ENOENT)
        throw std::system_error{errno, std::system_category(),
                                "cannot remove " + path + ", which only its user and root may"};
}

/// What is not there, or is not a lock, is left as it is: opening it would make one of it.
std::optional<int> fail_without_lock(const lock_case& seen)
{
    if (seen.holder() == holder_kind::no_lock)
        return fail(this_program, fmt::format("there is no lock <{}>", seen.name), exit_not_done);
    if (!seen.evidence.complete())
        return fail(this_program,
                    fmt::format("only one of the two files of a lock <{}> exists; if it is a lock at all, "
                                "this makes the other: {}",
                                seen.name, command_line(seen.name, "state")),
                    exit_not_done);
    return std::nullopt;
}

/// Who waits or comes with the files as they are now meets a lock that stays taken, and notices that they are
/// gone. The segment goes first: with the old semaphore, which is taken, and a new segment nobody gets in.
void remove_files_of(const std::string& name)
{
    remove_file(segment_path(name));
    remove_file(semaphore_path(name));
    const auto touched = touched_path(name);
    if (access(semaphore_path(fs::path{touched}.filename()).c_str(), F_OK) !=
        0) // else it is a lock of its own
        remove_file(touched);
}

} // namespace

int unget_by_force(const request& asked)
{
    // With a holder that has died, the lock may be free as soon as it is opened.
    const bool dead = steady_look(checked_lock_name(asked.name)).holder() == holder_kind::dead;
    resource_lock lock{asked.name};
    const bool freed =
        (dead && dead_hold_ends(lock)) || lock.unget_lock({.force = true, .where_called = asked.message});
    return say_whether_freed(lock, "unget_lock", freed);
}

int reap(const request& asked)
{
    const auto name = checked_lock_name(asked.name);
    const auto seen = steady_look(name);
    if (const auto exit_code = fail_without_lock(seen))
        return *exit_code;
    const bool dead = seen.holder() == holder_kind::dead;
    const resource_lock lock{asked.name};
    return say_whether_freed(lock, "reap", dead && dead_hold_ends(lock));
}

int unget_if_dead(const request& asked)
{
    const auto name = checked_lock_name(asked.name);
    const auto seen = steady_look(name);
    if (const auto exit_code = fail_without_lock(seen))
        return *exit_code;
    const bool dead = seen.holder() == holder_kind::dead;
    // Only for Python's the other processes have to be looked at.
    const bool stuck = seen.holder() == holder_kind::python && is_stuck(look_twice(name));
    resource_lock lock{asked.name};
    const bool freed = dead    ? dead_hold_ends(lock)
                       : stuck ? lock.unget_lock({.force = true, .where_called = asked.message})
                               : false;
    return say_whether_freed(lock, "unget_lock", freed);
}

int remove(const request& asked)
{
    const auto name = checked_lock_name(asked.name);
    const auto before = look_twice(name);
    if (const auto exit_code = fail_without_lock(before))
        return *exit_code;
    resource_lock lock{name};
    if (!lock.get_lock({.timeout = std::chrono::seconds{0}, .lock_info = "remove"}))
        return fail(this_program,
                    fmt::format("lock <{}> is held, and stays; who holds it, tells: {}", name,
                                command_line(name, "doctor")),
                    exit_not_done);
    remove_files_of(name); // while we hold it; if that fails, the lock is released
    lock.detach();
    say(fmt::format("<{}> removed", name));
    if (const auto users = list(before.users.all, &lock_user::has_lock); !users.empty())
        say(fmt::format("<{}> was open in: {}; restart them", name, users));
    return exit_done;
}

} // namespace resourcelock::cli
