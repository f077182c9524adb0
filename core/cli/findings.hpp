#pragma once

#include "lock_evidence.hpp"
#include "lock_users.hpp"

#include <string>
#include <vector>

/// The doctor's judgement: what the evidence means.
namespace resourcelock::cli {

/// Who has the lock.
enum class holder_kind {
    no_lock,        ///< there are no files
    not_to_be_told, ///< one file is missing, or is no such file of this word size
    nobody,
    alive,    ///< a living program of this library
    dead,     ///< one that died; whoever opens the lock next frees it
    detached, ///< left held on purpose
    python,   ///< the semaphore is taken, and by no program of this library
    unknown,  ///< taken, and the record is not ours
};

/// All that was seen of one lock.
struct lock_case {
    std::string name;
    lock_evidence evidence;
    lock_users users;
    bool steady = false; ///< two looks saw the same

    [[nodiscard]] holder_kind holder() const noexcept;
    /// The command that does `verb` to this lock, ready to be typed.
    [[nodiscard]] std::string command(const std::string& verb) const;
};

struct finding {
    std::string what;
    std::string remedy; ///< a command, or what to do before it
};

/// Everything that is wrong; empty for a lock in order.
std::vector<finding> findings(const lock_case& seen);

/// Held by somebody, dead or alive.
bool is_held(const lock_case& seen);

/// Held, and certainly by nobody who lives.
bool is_stuck(const lock_case& seen);

/// "812 tempmon, 901 python3".
std::string list(const std::vector<lock_user>& users);
/// The same of those of which `which` is true.
std::string list(std::vector<lock_user> users, bool lock_user::*which);

} // namespace resourcelock::cli
