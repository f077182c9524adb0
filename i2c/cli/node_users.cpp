#include "node_users.hpp"

#include "processes.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

/// The first open file of a process that is one of these devices. `hidden` becomes true when the process
/// keeps some from us: its folder, or, with the right to read it but not to trace, where its links lead.
std::optional<fs::path> find_open(pid_t pid, const std::vector<dev_t>& devices, bool& hidden)
{
    std::error_code error;
    for (fs::directory_iterator file{"/proc/" + std::to_string(pid) + "/fd", error}, end;
         !error && file != end; file.increment(error)) {
        struct stat status {};
        if (stat(file->path().c_str(), &status) != 0)
            hidden |= errno == EACCES;
        else if (S_ISCHR(status.st_mode) && std::ranges::find(devices, status.st_rdev) != devices.end())
            return file->path();
    }
    hidden |= error == std::errc::permission_denied;
    return std::nullopt;
}

} // namespace

node_users find_node_users(const std::vector<dev_t>& devices)
{
    const auto pids = all_pids();
    node_users users{.all = {}, .some_hidden = false, .some_not_listed = some_are_not_listed(pids)};
    for (const auto pid : pids) {
        if (pid == getpid())
            continue;
        const auto file = find_open(pid, devices, users.some_hidden);
        std::error_code closed;
        if (file)
            users.all.push_back({pid, program_of(pid), fs::read_symlink(*file, closed)});
    }
    return users;
}

std::string list(const std::vector<node_user>& users)
{
    std::string text;
    for (const auto& user : users)
        text += (text.empty() ? "" : ", ") + std::to_string(user.pid) + ' ' + user.program;
    return text;
}

} // namespace resourcelock::cli
