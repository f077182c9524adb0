#pragma once

#include "descriptor.hpp"

#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace resourcelock {

/// What a file of /dev/shm has from the first moment that somebody can see it.
struct new_file {
    std::span<const std::byte> content;
    mode_t mode = 0600; ///< free of the umask
    std::optional<gid_t> group{};
};

/// Why a file could not be made: the step that failed, and its errno.
struct failed_creation {
    enum class step { create, write, set_group, set_mode, name };
    step at;
    int error;
};

/// Makes the file without a name, complete, and then gives it its name. When somebody was faster, theirs
/// stays.
inline std::optional<failed_creation> create_whole(const std::string& path, const new_file& file)
{
    using step = failed_creation::step;
    const descriptor unnamed{open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    if (!unnamed.is_open())
        return failed_creation{step::create, errno};
    // Written, not only truncated to its size: a page that /dev/shm has no room for would kill its first user
    // with SIGBUS.
    const auto written = write(unnamed.get(), file.content.data(), file.content.size());
    if (written != std::ssize(file.content))
        return failed_creation{step::write, written < 0 ? errno : ENOSPC};
    if (file.group && fchown(unnamed.get(), static_cast<uid_t>(-1), *file.group) != 0)
        return failed_creation{step::set_group, errno};
    if (fchmod(unnamed.get(), file.mode) != 0)
        return failed_creation{step::set_mode, errno};
    const auto link_from = "/proc/self/fd/" + std::to_string(unnamed.get());
    if (linkat(AT_FDCWD, link_from.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0 &&
        errno != EEXIST)
        return failed_creation{step::name, errno};
    return std::nullopt;
}

} // namespace resourcelock
