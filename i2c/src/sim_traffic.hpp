#pragma once

#include <atomic>
#include <cstdint>

#include <unistd.h>

namespace resourcelock::sim {

/// Counts the transactions of a bus, and those that came while another thread believed to have the bus. Lies
/// in shared memory: plain data. Whoever counts or asks holds the transaction lock; the holder changes
/// without it.
class traffic {
public:
    /// The calling thread has taken the bus. Who had it before is overwritten: with one lock for all, that is
    /// no holder any more.
    void hold_began() noexcept { holder().store(gettid()); }

    /// A transaction of the calling thread.
    void count() noexcept
    {
        ++all_;
        if (holder().load() != gettid())
            ++foreign_;
    }

    [[nodiscard]] std::uint64_t all() const noexcept { return all_; }
    [[nodiscard]] std::uint64_t foreign() const noexcept { return foreign_; }

private:
    static constexpr std::int32_t nobody = 0;

    std::atomic_ref<std::int32_t> holder() noexcept { return std::atomic_ref{holder_}; }

    std::uint64_t all_ = 0;
    std::uint64_t foreign_ = 0;
    std::int32_t holder_ = nobody;
};

} // namespace resourcelock::sim
