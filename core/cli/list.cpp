#include "list.hpp"

#include "lock_look.hpp"
#include "lock_name.hpp"
#include "lock_row.hpp"
#include "lock_users.hpp"

#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

std::set<std::string> names_of_locks()
{
    constexpr std::string_view prefix = "sem.";
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator{"/dev/shm"})
        files.insert(entry.path().filename().string());
    std::set<std::string> names;
    for (const auto& file : files)
        if (file.starts_with(prefix) && files.contains(file.substr(prefix.size())))
            names.insert(file.substr(prefix.size()));
    return names;
}

/// Who may only read the files sees the lock, but cannot open it.
bool may_open(const std::string& name)
{
    const auto forbidden = [](const std::string& path) {
        return faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0 && errno == EACCES;
    };
    return !forbidden(segment_path(name)) && !forbidden(semaphore_path(name));
}

std::optional<lock_case> look_if_allowed(const std::string& name)
{
    if (!may_open(name))
        return std::nullopt;
    try {
        return steady_look(name);
    } catch (const std::system_error& error) {
        if (error.code().value() != EACCES && error.code().value() != EPERM)
            throw;
        return std::nullopt;
    }
}

} // namespace

void list_locks(table& locks)
{
    const bool with_waiters = locks.shows("WAITERS");
    const auto sleepers = with_waiters ? sleepers_by_file() : std::map<ino_t, unsigned>{};
    for (const auto& name : names_of_locks()) {
        const auto seen = look_if_allowed(name);
        if (!seen) {
            locks.add(row_without_access(name));
            continue;
        }
        if (!seen->evidence.complete()) // removed meanwhile
            continue;
        const auto waiters = waiters_of(seen->evidence, sleepers);
        locks.add(lock_row(*seen, with_waiters ? std::optional{waiters} : std::nullopt));
    }
}

} // namespace resourcelock::cli
