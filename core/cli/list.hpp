#pragma once

#include "table.hpp"

namespace resourcelock::cli {

/// Adds a row (lock_row.hpp) for each lock on the machine, by name: for each pair of files in /dev/shm that
/// can be one. Changes nothing. Throws `std::system_error` when /dev/shm cannot be read.
void list_locks(table& locks);

} // namespace resourcelock::cli
