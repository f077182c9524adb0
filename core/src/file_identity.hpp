#pragma once

#include <sys/stat.h>

namespace resourcelock {

/// Which file it is, whatever its path leads to now.
struct file_identity {
    dev_t device = 0;
    ino_t inode = 0;

    static file_identity of(const struct stat& status) noexcept { return {status.st_dev, status.st_ino}; }
    friend bool operator==(const file_identity&, const file_identity&) noexcept = default;
};

} // namespace resourcelock
