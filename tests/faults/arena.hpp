#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

/// What the processes of a test share, and how each of them finds out that it was not alone.
namespace test {

/// The first four words are also read and written by python_peer.py.
struct arena {
    using word = std::atomic<std::uint64_t>;

    word inside;      ///< the identity of whoever entered last
    word stop;        ///< not 0: finish and end
    word last_entry;  ///< when somebody entered last, nanoseconds of the steady clock
    word longest_gap; ///< the longest time without an entry
    word entries;
    word recovered;  ///< entries that found the holder dead
    word violations; ///< holds during which somebody else entered
    word lost;       ///< holds that somebody else released
    word timeouts;   ///< gets that were in vain
    word errors;     ///< exceptions
    word left;       ///< entries whose hold has ended

    struct share {
        word gets; ///< that have begun
        word entries;
        word longest_wait; ///< nanoseconds; also of a get in vain
    };
    std::array<share, 16> shares; ///< of the workers with identities 1 to 16
};

/// An arena in memory that has no name and needs no cleaning up.
class shared_arena {
public:
    shared_arena();
    ~shared_arena();
    shared_arena(const shared_arena&) = delete;
    shared_arena& operator=(const shared_arena&) = delete;

    arena& operator*() const { return *arena_; }
    arena* operator->() const { return arena_; }
    /// Where other programs find it while this one lives.
    [[nodiscard]] std::string path() const;

private:
    int fd_;
    arena* arena_;
};

/// What a worker does until the arena says stop.
struct work {
    std::chrono::nanoseconds shortest_hold;
    std::chrono::nanoseconds longest_hold;
    std::chrono::milliseconds timeout{1000};
};

/// A process that gets and ungets a lock: forked, so that it costs less than a millisecond, with a lock
/// object of its own. It dies with the test.
class worker {
public:
    /// `ready()` becomes readable when it has had the lock for the first time.
    worker(const std::string& lock_name, arena& shared, std::uint64_t identity, const work& how);
    worker(worker&& other) noexcept;
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    worker& operator=(worker&&) = delete;
    ~worker();

    [[nodiscard]] int ready() const { return ready_; }
    /// Reads what ready() had to say; false when the worker has died instead.
    [[nodiscard]] bool has_begun() const;
    void signal(int number) const;
    /// SIGKILL, and waits for the end.
    void kill();
    /// Waits for the end, which the arena's `stop` brings about.
    void join();

private:
    int pid_;
    int ready_;
};

} // namespace test
