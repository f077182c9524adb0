#pragma once

#include "descriptor.hpp"

namespace resourcelock::sim {

/// Keeps other threads and processes out for one transaction. The kernel drops the lock with the process, at
/// whatever point. Not the named lock of the bus: programs that agreed on no lock, or on different ones, get
/// whole transactions too.
class transaction_lock {
public:
    explicit transaction_lock(int file) noexcept;

    /// errno when the lock was not to be had; ETIMEDOUT as from an adapter whose clock line is held down.
    [[nodiscard]] int error() const noexcept { return error_; }

private:
    descriptor file_;
    int error_ = 0;
};

} // namespace resourcelock::sim
