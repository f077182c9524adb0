#pragma once

#include "lock_evidence.hpp"

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace resourcelock::cli {

/// A process that has a lock open, by the mappings that proc(5) /proc/PID/maps shows of it.
struct lock_user {
    pid_t pid = 0;
    std::string program;
    bool is_python = false; ///< its program is Python, or has Python inside
    /// It maps the lock's files as they are now.
    bool has_lock = false;
    /// It maps files that once had the lock's name and were removed: it bars nobody who came later.
    bool has_removed_files = false;
    /// It maps the semaphore more often than it has witnesses of life: it takes the lock like a Python
    /// program, without telling the owner word. (A forked child of one of our programs looks the same.)
    bool beside_record = false;
    /// How many of its threads may sleep inside the semaphore.
    unsigned possible_waiters = 0;
};

struct lock_users {
    std::vector<lock_user> all; ///< by pid
    /// Processes that do not show their mappings to this user. For root that is hardly ever any: the first
    /// process of a container that has more rights than we, or one that a security module guards.
    std::vector<lock_user> hidden;
    /// There are processes that /proc does not list: of other users (mount option hidepid), or outside the
    /// pid namespace (container) that we are in.
    bool some_not_listed = false;

    [[nodiscard]] bool complete() const noexcept { return hidden.empty() && !some_not_listed; }
    /// Whether what is not in `all` may be taken for not being there. (Processes in containers below are
    /// listed; what root may not look into is hardly ever a user of locks.)
    [[nodiscard]] bool seen_by_root() const noexcept;
};

/// Looks at every process on view.
lock_users find_users(const std::string& name, const lock_evidence& evidence);

/// How many threads sleep in a futex of each file in /dev/shm, by its inode, of the processes that let us see
/// it: our own, or all for root. So many wait for the lock whose file it is.
std::map<ino_t, unsigned> sleepers_by_file();

/// Those of one lock.
unsigned waiters_of(const lock_evidence& evidence, const std::map<ino_t, unsigned>& sleepers);

} // namespace resourcelock::cli
