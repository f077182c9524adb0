#pragma once

#include "descriptor.hpp"
#include "file_identity.hpp"
#include "segment.hpp"

#include <resourcelock/resource_lock.hpp>

#include <string>

#include <semaphore.h>

namespace resourcelock {

/// A greater count of the semaphore is no surplus of ungets but broken; draining it could take minutes.
constexpr int most_surplus_units = 100'000;

/// The two files behind a lock, mapped: "/dev/shm/sem.NAME" with a `sem_t` as glibc's sem_open makes it, and
/// "/dev/shm/NAME" with the segment. They are opened plainly first and created exclusively second, because
/// open(O_CREAT) of another user's file fails where fs.protected_regular is set; and they appear complete,
/// with their size, mode and group, or not at all.
class shared_objects {
public:
    /// Opens or creates both. Throws `std::system_error` with a sentence that says what to do.
    shared_objects(const std::string& name, const lock_options& options);
    ~shared_objects();
    shared_objects(const shared_objects&) = delete;
    shared_objects& operator=(const shared_objects&) = delete;

    [[nodiscard]] sem_t& semaphore() const noexcept { return *semaphore_; }
    [[nodiscard]] segment& shared() const noexcept { return *segment_; }

    /// Opens the segment's file once more. Empty, with errno, when it cannot; with ESTALE when the path leads
    /// to another file by now.
    [[nodiscard]] descriptor open_segment() const noexcept;

    /// Whether a path leads to another file than the one mapped here, or to none: somebody removed it. False
    /// when it cannot be told.
    [[nodiscard]] bool replaced() const noexcept;

private:
    std::string semaphore_path_;
    std::string segment_path_;
    file_identity semaphore_file_;
    file_identity segment_file_;
    sem_t* semaphore_ = nullptr;
    segment* segment_ = nullptr;
};

} // namespace resourcelock
