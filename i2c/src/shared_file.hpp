#pragma once

#include "descriptor.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace resourcelock {

/// A file of /dev/shm that programs share as memory. Whoever sees it sees all of it: it gets its name when it
/// is complete.
class shared_file {
public:
    struct description {
        std::string path;                 ///< in /dev/shm
        std::string_view what;            ///< what errors call it
        std::span<const std::byte> fresh; ///< the contents of a new one; begins with the format
        std::size_t format_size;          ///< how many of these bytes an existing one must begin with
        mode_t mode = 0600;               ///< of a new one, free of the umask
        std::optional<gid_t> group{};     ///< of a new one
    };

    /// Opens the file, or creates it when there is none. Throws `std::system_error`: what is there cannot be
    /// used, or nothing can be created.
    explicit shared_file(const description& which);
    shared_file(const shared_file&) = delete;
    shared_file& operator=(const shared_file&) = delete;
    ~shared_file();

    [[nodiscard]] int number() const noexcept { return descriptor_.get(); }
    /// Whether it has no name any more. A system call.
    [[nodiscard]] bool is_removed() const noexcept;
    [[nodiscard]] void* memory() const noexcept { return memory_; }

private:
    descriptor descriptor_;
    std::size_t size_;
    void* memory_;
};

} // namespace resourcelock
