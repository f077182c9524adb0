#pragma once

#include "file_identity.hpp"

#include <resourcelock/resource_lock.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

namespace resourcelock {

/// The bus's lock, and which thread of this program holds it. The holder may take it again: its inner holds
/// share the outermost one. Thread-safe.
class bus_hold {
public:
    /// The hold of a bus with this lock. Bus objects of one program with the same lock share it: what one of
    /// them holds, a thread may use through all, and `std::scoped_lock` of two does not bar itself. Throws
    /// `std::system_error`.
    static std::shared_ptr<bus_hold> of_lock(const std::string& lock_name, const lock_options& options);

    /// The hold of a bus that no other program has, without a lock.
    bus_hold() = default;
    bus_hold(const std::string& lock_name, const lock_options& options)
    {
        lock_.emplace(lock_name, options);
        files_ = files_of(lock_name);
    }

    /// Waits for the lock as `options` says. Errors: `i2c_errc::lock_timeout` and those of the lock.
    std::error_code take(const get_options& options) noexcept;

    /// Ends the calling thread's latest hold; nothing for a thread that has none.
    void give_back() noexcept;

    [[nodiscard]] bool is_mine() const noexcept { return holder_ == std::this_thread::get_id(); }

    /// Whether the calling thread holds the bus and its next give_back() ends that.
    [[nodiscard]] bool is_outermost() const noexcept { return is_mine() && depth_ == 1; }

    /// Another number for each hold; for the thread that has it.
    [[nodiscard]] unsigned number() const noexcept { return number_; }

    /// What became of the calling thread's hold: no error, lock_replaced or lock_lost.
    [[nodiscard]] std::error_code check() const noexcept;

    /// nullptr without one.
    [[nodiscard]] const resource_lock* lock() const noexcept { return lock_ ? &*lock_ : nullptr; }

private:
    using clock = std::chrono::steady_clock;

    std::error_code take_after_a_wait(const get_options& options) noexcept;
    std::error_code take_in_turn(const get_options& options) noexcept;
    bool begin_turn_now() noexcept;
    bool wait_for_turn(clock::time_point end, std::stop_token stop) noexcept;
    void end_turn() noexcept;

    [[nodiscard]] bool is_inherited() const noexcept;
    [[nodiscard]] bool is_usable() const noexcept;

    /// Which files the lock's name stands for.
    struct lock_files {
        file_identity segment;
        file_identity semaphore;
        friend bool operator==(const lock_files&, const lock_files&) = default;
    };
    static lock_files files_of(const std::string& lock_name) noexcept;

    std::optional<resource_lock> lock_;
    lock_files files_;
    // Threads take turns before they ask for the lock. The lock knows this object, not its threads: when
    // somebody force-released it, a thread that took it next would make an older thread's hold look good
    // again.
    mutable std::mutex mutex_;
    std::condition_variable_any turn_ended_;
    // Changed with the mutex held; whether it is itself, a thread may ask without.
    std::atomic<std::thread::id> holder_{};
    std::thread::id last_holder_{};
    unsigned waiting_ = 0;
    unsigned depth_ = 0;  // belongs to the holder
    unsigned number_ = 0; // likewise
};

} // namespace resourcelock
