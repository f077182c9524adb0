#pragma once

#include "lock_log_file.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace resourcelock::cli {

/// Some time in the life of one program.
struct span {
    std::chrono::nanoseconds from;
    std::chrono::nanoseconds to;
    std::string about; ///< the lock's text, and how it ended if that is not in the program's own log
};

/// Something that happened to one program.
struct mark {
    std::chrono::nanoseconds at;
    std::string about;
};

/// What one program had to do with a lock. Spans of one kind follow each other and do not overlap; a program
/// with several threads may hold and wait at the same time.
struct lane {
    std::string name;
    std::vector<span> waits;
    std::vector<span> holds;
    std::vector<span>
        dead_holds; ///< it died in the course of them, and they ended when another program had the lock
    std::vector<mark> recoveries; ///< it got the lock from a holder that had died
    std::vector<mark> timeouts;
    std::vector<mark> forced_releases; ///< it released the lock, whoever held it
};

struct lock_history {
    std::chrono::nanoseconds from; ///< the first event of all
    std::chrono::nanoseconds to;   ///< and the last one
    std::vector<lane> lanes;
};

struct lane_log {
    std::string name;
    std::vector<log_event> events; ///< at least one
};

/// Who waited for and held the lock when. Logs of the same clock; each in order, and all of the same lock.
///
/// A line stands in the log some microseconds after what it tells. Only one can hold the lock, so a hold ends
/// at the latest with the next grant, also when it has no end in its own log.
lock_history history_of(const std::vector<lane_log>& logs);

} // namespace resourcelock::cli
