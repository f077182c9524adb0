#pragma once

#include <resourcelock/export.hpp>
#include <resourcelock/lock_errc.hpp>
#include <resourcelock/lock_state.hpp>
#include <resourcelock/wait_limit.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>

/// A lock with a name, shared by every program on the machine that opens it under that name: also by Python
/// programs that use `cjnfuncs.resourcelock`. Reach for it when one operation on a shared resource takes
/// several system calls (an I2C sensor: start, wait, read).
///
/// A program that dies while it holds the lock loses it; a living one keeps it however long it takes, also
/// while it is stopped.
///
/// Three words are used below. *Thread-safe*: any thread may call, at any time, on the same object. *One
/// thread at a time*: the caller sees to it. *Signal-safe*: may be called in a signal handler; nothing here
/// is.
namespace resourcelock {

class lock_protocol; // the steps on the shared words; private to the library

/// How to create the lock's files when they do not exist yet; existing ones keep what they have.
struct lock_options {
    /// Permissions, free of the umask: 0600 one user, 0660 a group, 0666 everybody. Others than 0600 to 0666
    /// with the owner's two bits are refused.
    mode_t mode = 0600;
    std::optional<gid_t> group{};       ///< group of the files; nullopt: the process's own
    std::size_t shared_mem_size = 4096; ///< bytes of the info segment, 4096 to 1 MiB; texts use 3839 of them
};

/// How to take the lock.
struct get_options {
    wait_limit timeout = std::chrono::seconds{1}; ///< the longest wait
    bool same_process_ok = false; ///< true: succeed at once when this object holds the lock already
    std::string_view lock_info{}; ///< who takes it and what for, e.g. "tempmon.measure_loop #3"; UTF-8,
                                  ///< cut to 3,810 bytes at a character's end
    std::stop_token stop{};       ///< ends the wait early, at most 5 ms late
};

/// How to release the lock.
struct unget_options {
    bool force = false;              ///< release it whoever holds it; dangerous while the holder works
    std::string_view where_called{}; ///< which code released it; for the log only
};

/// The lock. One object for each user of it, or one shared by threads; each object is a holder of its own, so
/// two objects in one process bar each other like two processes.
///
/// Satisfies Lockable and TimedLockable: `std::scoped_lock guard{lock}`, `std::unique_lock guard{lock,
/// 50ms}`.
///
/// Waiting is measured on CLOCK_MONOTONIC; a signal neither ends nor lengthens it. Nobody is queued strictly,
/// but whoever has just released the lock lets a waiter go first.
///
/// Errors of the calls that can fail after construction: `lock_errc::closed`, `lock_errc::used_after_fork`,
/// and `lock_errc::lock_replaced` (noticed by every wait; by an unget, check_hold(), is_locked() and state()
/// unless another of them looked within the same clock tick, 1 to 10 ms; and otherwise within a second). They
/// are thrown as `std::system_error`, or stored by the overloads that take a `std::error_code`. No error of a
/// get or an unget leaves the lock held by the caller.
class RESOURCELOCK_EXPORT resource_lock {
public:
    /// Opens the lock, creates it (free) when it does not exist, and frees it when its holder has died.
    ///
    /// `lockname` is a file name of 1 to 251 bytes; a leading '/' is optional and not part of the name.
    /// Refused with `lock_errc::bad_name`: empty, ".", "..", an inner '/', control characters, the prefix
    /// "sem.".
    ///
    /// Throws `std::system_error`: the errno of what failed, or a `lock_errc` (`bad_option` for options
    /// outside their limits), with a sentence that says what to do.
    explicit resource_lock(std::string_view lockname, const lock_options& options = {});

    /// Releases the lock if this object holds it. Logs at level trace only, throws nothing. One thread at a
    /// time.
    ~resource_lock();

    resource_lock(const resource_lock&) = delete;
    resource_lock& operator=(const resource_lock&) = delete;

    /// Takes the lock, waiting at most `timeout`. Returns false when the time is over or `stop` was
    /// requested. While this object holds it, get_lock waits like for anybody else's hold, unless
    /// `same_process_ok`. Thread-safe.
    [[nodiscard]] bool get_lock(const get_options& options = {});
    /// \overload
    [[nodiscard]] bool get_lock(const get_options& options, std::error_code& error) noexcept;

    /// Releases the lock if this object holds it, or, with `force`, whoever holds it. Returns whether it
    /// released something; false for a free lock, or one that is somebody else's. A hold that somebody
    /// force-released is no longer ours: false, and the next holder keeps it. With `force`, an owner that is
    /// just taking or releasing the lock is waited for, up to 1 s; then, or when the process has no
    /// descriptor left, the answer is false although the lock is held. Thread-safe.
    bool unget_lock(const unget_options& options = {});
    /// \overload
    bool unget_lock(const unget_options& options, std::error_code& error) noexcept;

    /// Whether *anybody* holds the lock. Frees it first if its holder has died. Thread-safe.
    [[nodiscard]] bool is_locked() const;

    /// The semaphore's count: 0 (locked) or 1 (unlocked); more after somebody posted too often. Thread-safe.
    [[nodiscard]] int lock_value() const;

    /// The text of the last get, "YYYY-MM-DD HH:MM:SS.ffffff - TEXT" in local time, up to a tick of the
    /// kernel's clock (1 to 10 ms) early; kept after the release, and empty when the lock was never taken.
    /// Bytes that are not UTF-8 become U+FFFD. Thread-safe.
    [[nodiscard]] std::string get_lock_info() const;

    /// Replaces the text as it stands (no date is prepended), cut to 3,839 bytes at a character's end, held
    /// or not. A holder may use it to tell how far it is. A text that begins with a date and time tells
    /// everybody that the lock was taken, so it is refused (`lock_errc::not_the_holder`) from anybody but the
    /// holder; so is every text in place of that of a Python program which took the lock after a forced
    /// unget. Thread-safe, but not beside a get or unget of the same object.
    void set_lock_info(std::string_view text);
    /// \overload
    void set_lock_info(std::string_view text, std::error_code& error) noexcept;

    /// Value, text and holder in one look. Frees the lock first if its holder has died. Thread-safe.
    [[nodiscard]] lock_state state() const;

    /// Leaves the lock held when this object and its process end; until somebody's forced unget. Returns
    /// false if this object does not hold it. What `resourcelock NAME get` does. Thread-safe.
    bool detach();

    /// Looks whether this object's hold is still good. Stores `lock_errc::lock_replaced` or
    /// `lock_errc::lock_lost` if not. Cheap: for the moment before each use of the resource. Thread-safe.
    void check_hold(std::error_code& error) const noexcept;

    /// Releases the lock if this object holds it and gives the memory back; later calls fail with
    /// `lock_errc::closed`. One thread at a time.
    void close();

    /// The name, without the leading '/'. Thread-safe.
    [[nodiscard]] const std::string& lockname() const noexcept { return lockname_; }

    /// Whether this object holds the lock: a view of the shared lock, false as soon as somebody
    /// force-releases it; false after close() and in a forked child. Thread-safe.
    [[nodiscard]] bool I_have_the_lock() const noexcept;

    /// Whether the last successful get of this object came after a holder that died: what that left half done
    /// may need repair. One holder is told, the first one of this library. False after close(). Thread-safe.
    [[nodiscard]] bool recovered() const noexcept;

    /// Whether close() was called. One thread at a time, as close() is.
    [[nodiscard]] bool closed() const noexcept { return protocol_ == nullptr; }

    /// For the standard's guards, as try_lock(), try_lock_for(), try_lock_until() and unlock(): get_lock()
    /// without end. Throws `std::system_error`. Thread-safe.
    void lock();
    /// get_lock() that does not wait.
    [[nodiscard]] bool try_lock() { return get_lock({.timeout = std::chrono::seconds{0}}); }
    /// get_lock() that waits so long at most.
    template <class Rep, class Period>
    [[nodiscard]] bool try_lock_for(std::chrono::duration<Rep, Period> duration)
    {
        return get_lock({.timeout = duration});
    }
    /// get_lock() that waits until then at most. The clock is asked once: setting it later changes nothing.
    template <class Clock, class Duration>
    [[nodiscard]] bool try_lock_until(std::chrono::time_point<Clock, Duration> deadline)
    {
        return get_lock({.timeout = wait_limit::until(deadline)});
    }
    /// unget_lock() whose errors nobody hears of.
    void unlock() noexcept;

private:
    lock_protocol* usable(std::error_code& error) const noexcept;

    std::string lockname_;
    std::unique_ptr<lock_protocol> protocol_;
};

} // namespace resourcelock
