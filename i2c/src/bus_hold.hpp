#pragma once

#include <resourcelock/resource_lock.hpp>

#include <atomic>
#include <mutex>
#include <system_error>
#include <thread>

namespace resourcelock {

/// The bus's lock, and which thread of this program holds it. The holder may take it again: its inner holds
/// share the outermost one. Thread-safe.
class bus_hold {
public:
    bus_hold(std::string_view lock_name, const lock_options& options) : lock_{lock_name, options} {}

    /// Waits for the lock as `options` says. Errors: `i2c_errc::lock_timeout` and those of the lock.
    std::error_code take(const get_options& options) noexcept;

    /// Ends the calling thread's latest hold; nothing for a thread that has none.
    void give_back() noexcept;

    [[nodiscard]] bool is_mine() const noexcept { return holder_ == std::this_thread::get_id(); }

    /// What became of the calling thread's hold: no error, lock_replaced or lock_lost.
    [[nodiscard]] std::error_code check() const noexcept;

    [[nodiscard]] const resource_lock& lock() const noexcept { return lock_; }

private:
    // Threads take turns before they ask for the lock. The lock knows this object, not its threads: when
    // somebody force-released it, a thread that took it next would make an older hold look good again.
    std::timed_mutex turn_;
    std::timed_mutex queue_; // whoever waits for a turn goes before the thread that has just had one
    resource_lock lock_;
    std::atomic<std::thread::id> holder_{};
    unsigned depth_ = 0; // belongs to the thread that has the turn
};

} // namespace resourcelock
