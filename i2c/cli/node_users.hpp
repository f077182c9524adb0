#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace resourcelock::cli {

/// A process that has a bus's device node open.
struct node_user {
    pid_t pid = 0;
    std::string program;
    std::string node; ///< as it opened it
};

struct node_users {
    std::vector<node_user> all;   ///< by pid; without this process
    bool some_hidden = false;     ///< there are processes that do not show this user what they have open
    bool some_not_listed = false; ///< there are processes that are not on view, as in a container

    [[nodiscard]] bool complete() const noexcept { return !some_hidden && !some_not_listed; }
};

/// Looks at the open files of every process on view, proc(5) /proc/PID/fd, for these character devices: also
/// under another path, and when the node itself has gone.
node_users find_node_users(const std::vector<dev_t>& devices);

/// "812 tempmon, 901 i2cget".
std::string list(const std::vector<node_user>& users);

} // namespace resourcelock::cli
