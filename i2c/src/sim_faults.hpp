#pragma once

#include "sim_time.hpp"

#include <resourcelock/i2c_message.hpp>
#include <resourcelock/sim_control.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// What the faults of a bus do to one transaction, together: the first error, all delays, the shortest
/// answer.
struct fault_effect {
    int error = 0;
    instant delay = 0;
    std::optional<std::size_t> answer_bytes{};
};

/// Faults that wait for their transactions. Lies in shared memory: plain data, used with the transaction lock
/// held.
class fault_list {
public:
    static constexpr std::size_t most = 16;

    /// Returns whether there was room. The fault has passed the checks of sim_control.
    [[nodiscard]] bool add(const sim_fault& fault) noexcept;
    void clear() noexcept { size_ = 0; }
    void seed(std::uint64_t value) noexcept { random_ = value; }

    /// Counts a transaction that is about to happen. Faults that have done all their hits make room for
    /// others.
    fault_effect next(std::span<const i2c_message> messages) noexcept;

private:
    bool hits(sim_fault& fault, std::span<const i2c_message> messages) noexcept;
    double random() noexcept;

    std::array<sim_fault, most> faults_{};
    std::uint64_t random_ = 0;
    std::uint32_t size_ = 0;
};

} // namespace resourcelock::sim
