#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace resourcelock::cli {

/// What a program's log says of one lock.
struct log_event {
    enum class kind {
        requested,
        granted,
        recovered, ///< the grant before it came from a holder that died
        timed_out,
        failed, ///< the wait ended with an error
        released,
        force_released, ///< by this program, whoever held it
        not_held        ///< it gave back what it did not hold: it lost it, or never had it
    };

    std::chrono::nanoseconds
        time; ///< on the clock on the wall, since 1970; never less than that of the line before
    kind what;
    std::string text;    ///< of the lock, or who gave it back
    std::string process; ///< of `requested`: its ID
};

/// The events of a lock in a file of the library's log lines (core/src/lock_log.cpp) that begin as spdlog's
/// do:
/// "[2026-05-01 12:00:00.123456]". Other lines are skipped. Throws when the file cannot be read, or says
/// nothing of the lock.
std::vector<log_event> read_lock_log(const std::string& path, const std::string& lockname);

} // namespace resourcelock::cli
