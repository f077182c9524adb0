#pragma once

#include "findings.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Explains a lock to a person: who holds it and whether that lives, who has it open, what is wrong with it,
/// and the command that mends it. Reach for it when a program waits and nobody knows why.
///
/// It only looks (lock_evidence.hpp, lock_users.hpp), and judges as the library does (docs/protocol.md):
/// - The owner word names a program of this library: its witness tells whether it lives. If it has died,
///   whoever gets the lock next inherits it.
/// - The semaphore is taken and the word names nobody, or one who is only waiting: a Python program has it.
///   Which one nobody wrote down, so every process that maps the semaphore without a witness may be the one.
///   If there is none, the holder has died, and `unget` frees the lock.
/// - Count, record, files and modes can be wrong whoever holds the lock.
///
/// What is wrong only between two steps of somebody's acquire is not wrong. So it looks twice, and counts
/// what was the same before and after.
namespace resourcelock::cli {

struct diagnosis {
    std::vector<std::string> lines; ///< for a terminal: control characters are escaped
    bool something_is_wrong = false;
};

/// Examines the lock called `name`, and changes nothing. A lock that does not exist is in order. Throws
/// `std::system_error`: `lock_errc::bad_name`, or the errno of a file that may not be read.
diagnosis examine(std::string_view name);

// The parts of it, for doctors of what a lock guards.

/// What it is doing, who has it open, and what is in order but good to know.
std::vector<std::string> description(const lock_case& seen);

/// Facts, the first of them as a headline, and what is wrong.
diagnosis conclude(const std::vector<std::string>& facts, const std::vector<finding>& found);

} // namespace resourcelock::cli
