#pragma once

#include <string>
#include <string_view>

namespace resourcelock {

/// The name without its leading '/'. Throws `lock_errc::bad_name` for one that cannot be, or should not be, a
/// file name in /dev/shm.
std::string checked_lock_name(std::string_view name);

/// The two files of a lock with this (checked) name.
inline std::string segment_path(const std::string& name) { return "/dev/shm/" + name; }
inline std::string semaphore_path(const std::string& name) { return "/dev/shm/sem." + name; }

/// Where those who share a lock may note what they touched of the thing that it guards. It goes with the
/// lock.
inline std::string touched_path(const std::string& name) { return segment_path(name) + ".touched"; }

} // namespace resourcelock
