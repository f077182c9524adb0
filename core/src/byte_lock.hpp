#pragma once

#include <cstdio>

#include <fcntl.h>
#include <sys/types.h>

/// Open file description locks (fcntl(2)) on single bytes of a segment's file. None has to exist: they lie
/// far behind its end.
namespace resourcelock {

inline struct flock byte_lock(off_t at, short type = F_WRLCK) noexcept
{
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = at;
    lock.l_len = 1;
    return lock;
}

/// Whether somebody has locked it through another description of the file than `fd`, or that cannot be told.
/// Only looks: also with a file that is open for reading.
inline bool byte_is_locked(int fd, off_t at) noexcept
{
    auto lock = byte_lock(at);
    return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

} // namespace resourcelock
