#pragma once

#include "findings.hpp"
#include "table.hpp"

#include <optional>
#include <string>
#include <vector>

/// What is told of a lock in one row of columns: by `list`, `state -J` and `trace --changes`.
namespace resourcelock::cli {

/// NAME STATE OWNER PID COMMAND SINCE HELD WAITERS MODE INFO: OWNER to HELD are of who holds the lock.
const std::vector<column>& lock_columns();

/// A cell for each. Nullopt: who waits was not asked for.
std::vector<cell> lock_row(const lock_case& seen, std::optional<unsigned> waiters);

/// The row of a lock whose files this user may not read.
std::vector<cell> row_without_access(const std::string& name);

/// The row as an object of JSON.
nlohmann::ordered_json lock_object(const std::vector<cell>& row);

/// Whether anybody holds it, dead or alive.
bool is_held(const lock_case& seen);

/// STATE, in a word.
std::string state_word(const lock_case& seen);

/// The look of a moment in which nobody took the lock or gave it back, unless there are too few such moments:
/// `steady` tells. Throws as look_at_lock() does.
lock_case steady_look(const std::string& name);

} // namespace resourcelock::cli
