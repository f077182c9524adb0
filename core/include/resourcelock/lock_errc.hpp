#pragma once

#include <resourcelock/export.hpp>

#include <system_error>

namespace resourcelock {

/// What can be wrong with a lock beyond the errors of the system calls behind it (those keep their errno, in
/// `std::system_category()`).
enum class lock_errc {
    bad_name = 1, ///< the lock's name cannot be a file name in /dev/shm, or would meet another lock's files
    bad_option,   ///< an option is outside its limits
    other_word_size,  ///< the semaphore was made by a program with another word size (32 against 64 bit)
    lock_replaced,    ///< somebody removed the lock's files in /dev/shm: construct the lock anew
    lock_lost,        ///< somebody released the lock that this object held
    closed,           ///< the object was closed
    used_after_fork,  ///< the object was inherited through fork(): construct one in the child
    not_the_holder,   ///< set_lock_info of, or in place of, a text that tells who took the lock
    broken_semaphore, ///< its count is beyond all sense: remove the lock's files
};

/// Category of the errors above; its name is "resourcelock". Thread-safe.
RESOURCELOCK_EXPORT const std::error_category& lock_category() noexcept;

/// So that `error == lock_errc::closed` works. Thread-safe.
inline std::error_code make_error_code(lock_errc error) noexcept
{
    return {static_cast<int>(error), lock_category()};
}

} // namespace resourcelock

/// \cond
template <>
struct std::is_error_code_enum<resourcelock::lock_errc> : std::true_type {};
/// \endcond
