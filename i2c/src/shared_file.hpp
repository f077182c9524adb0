#pragma once

#include "descriptor.hpp"
#include "new_file.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace resourcelock {

/// A file of /dev/shm that programs share as memory.
class shared_file {
public:
    struct description {
        std::string path;        ///< in /dev/shm
        std::string_view what;   ///< what errors call it
        new_file fresh;          ///< a new one; its content begins with the format
        std::size_t format_size; ///< how many of these bytes an existing one must begin with
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
