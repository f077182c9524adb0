#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace resourcelock {

/// What is known of the life of a lock's holder. Life is judged by a byte lock that the kernel drops with the
/// process, never by the pid.
enum class owner_status {
    none,     ///< nobody holds the lock
    alive,    ///< a living program that uses this library
    dead,     ///< its holder died; the next open or acquire frees the lock
    detached, ///< left held on purpose (`resourcelock NAME get`); ends with `resourcelock NAME unget`
    unknown,  ///< held, but by no program of this library: a Python program, or one that has died
};

/// Who took the lock, as that program wrote it down. Good for messages only: a pid means nothing in another
/// pid namespace, or after its process has ended.
struct lock_owner {
    pid_t pid = 0;                ///< in its own pid namespace
    pid_t tid = 0;                ///< of the thread that took it, as gettid(2) tells
    uid_t uid = 0;                ///< its effective user
    std::string comm;             ///< name of the program, at most 15 bytes
    std::uint64_t start_time = 0; ///< start of the process in clock ticks after boot, proc(5) field 22
    std::chrono::system_clock::time_point since; ///< when it took the lock; up to 10 ms early
};

/// A snapshot of a lock; every part may be out of date as soon as it is read.
struct lock_state {
    int value = 0;       ///< count of the semaphore: 0 taken, 1 free, more: somebody posted too often
    bool locked = false; ///< somebody holds it. True with `value` 1: a Python program force-released a living
                         ///< holder, which still bars programs of this library
    std::string info;    ///< the holder's text, or the last one's; UTF-8
    owner_status status = owner_status::none; ///< whether the holder lives
    std::optional<lock_owner> owner;          ///< the holder, when it uses this library
};

} // namespace resourcelock
