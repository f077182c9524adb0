#pragma once

#include <string>
#include <string_view>

namespace resourcelock {

/// The name without its leading '/'. Throws `lock_errc::bad_name` for one that cannot be, or should not be, a
/// file name in /dev/shm.
std::string checked_lock_name(std::string_view name);

} // namespace resourcelock
