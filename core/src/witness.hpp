#pragma once

#include "fork_mark.hpp"
#include "owner_word.hpp"
#include "shared_objects.hpp"

#include <cstdint>

namespace resourcelock {

/// Proof that a lock object is alive, which ends with it however its process ends.
///
/// It is an open file description lock (fcntl(2), F_OFD_SETLK) on byte `token` of the segment's file. The
/// descriptor is closed at once; what keeps the description open is a mapping that nobody uses, so that
/// neither close_range() nor a daemoniser can end the proof early, and fork() cannot prolong it
/// (MADV_DONTFORK). The kernel drops it on exec, munmap and every kind of death.
class witness {
public:
    /// Picks a token that nobody else has and takes its byte. Throws `std::system_error`.
    explicit witness(const shared_objects& objects);
    ~witness();
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;

    [[nodiscard]] owner_token token() const noexcept { return token_; }

    /// The process_mark() of the process that made it.
    [[nodiscard]] std::uint64_t process() const noexcept { return process_; }

    /// Whether this is a copy in a forked child: proof of nothing.
    [[nodiscard]] bool inherited() const noexcept { return process_mark() != process_; }

private:
    std::uint64_t
        process_; // in a forked child the mapping is not there, and its place may be somebody else's
    owner_token token_ = 0;
    void* mapping_ = nullptr;
};

enum class life { alive, dead };

/// Whether the object with this token lives. `alive` when it cannot be told: nobody is robbed because a
/// descriptor was wanting. Costs an open and a close, some microseconds. Thread-safe.
life probe(const shared_objects& objects, owner_token token) noexcept;

/// Locks the byte that serialises forced ungets, for as long as `file` is open. False when somebody else has
/// it.
bool lock_unget_byte(const descriptor& file) noexcept;
void unlock_unget_byte(const descriptor& file) noexcept;

} // namespace resourcelock
