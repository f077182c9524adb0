#pragma once

#include "findings.hpp"
#include "table.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// What is told of a lock in one row of columns: by `list`, `state -J` and `trace --changes`.
namespace resourcelock::cli {

/// Of the columns, those that are asked for by number.
namespace lock_column {
enum : std::size_t { name, state, owner, pid, command, since, held, waiters, mode, info };
}

/// A column for each number: OWNER to HELD are of who holds the lock.
const std::vector<column>& lock_columns();

/// A cell for each. Nullopt: who waits was not asked for.
std::vector<cell> lock_row(const lock_case& seen, std::optional<unsigned> waiters);

/// The row of a lock whose files this user may not read.
std::vector<cell> row_without_access(const std::string& name);

/// The row as an object of JSON.
nlohmann::ordered_json lock_object(const std::vector<cell>& row);

/// STATE, in a word.
std::string state_word(const lock_case& seen);

} // namespace resourcelock::cli
