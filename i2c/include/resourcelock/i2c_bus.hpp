#pragma once

#include <resourcelock/i2c_transactions.hpp>
#include <resourcelock/resource_lock.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

/// An I2C bus that programs share. The kernel keeps two transactions apart, but not the steps of one reading:
/// start, wait 15 ms, read. This class takes the bus's named lock around every transaction, and `session()`
/// holds it over as many transactions, waits and decisions as a reading needs.
namespace resourcelock {

struct bus_options {
    /// Longest wait for the bus's lock, for each transaction outside a session.
    wait_limit timeout = std::chrono::seconds{1};
    /// Who uses the bus, shown to those who wait for it; empty: the program's name.
    std::string lock_info{};
    /// Name of the lock, for programs that agreed on another one; empty: "i2c-N" with N the root adapter's
    /// number, or "i2c-sim-NAME" for a simulated bus.
    std::string lock_name{};
    /// true: talk to addresses that belong to a kernel driver too.
    bool force = false;
};

struct session_options {
    wait_limit timeout = std::chrono::seconds{1}; ///< longest wait for the bus's lock
    std::string_view lock_info{}; ///< who and what for, e.g. "tempmon #3"; empty: as the bus's
    std::stop_token stop{};       ///< ends the wait early, as `lock_timeout`
};

class i2c_session;

/// One I2C bus, opened once by each program that uses it.
///
/// Its lock is shared with every other program that uses this library on the same wires, however it spelled
/// the bus: buses behind a multiplexer share the lock of their root adapter. The lock's mode and group are
/// those of the device node, so whoever may use the bus may use its lock.
///
/// Errors of a transaction: see `i2c_errc`; and `lock_errc::lock_replaced` when somebody removed the lock's
/// files.
///
/// Lockable and TimedLockable: `std::scoped_lock hold{bus};` opens and closes the calling thread's session.
/// Calls by a thread that holds a session, on the bus or on a session, use that hold; other threads wait.
/// Thread-safe.
class RESOURCELOCK_EXPORT i2c_bus final : public i2c_transactions {
public:
    /// Opens a bus.
    ///
    /// `bus` is one of
    /// - "1": a number, as in /dev/i2c-1;
    /// - "/dev/i2c-1", or any path that leads to that device;
    /// - the name of an adapter, as `i2cdetect -l` shows it; refused when several have it;
    /// - "sim:NAME": a simulated bus, no hardware needed, shared by all programs that open it under that
    /// name;
    ///   NAME is 1 to 64 letters, digits, '-' and '_'.
    ///
    /// Throws `std::system_error`, saying what to do: `i2c_errc::bad_bus`; ENOENT (I2C not enabled?); EACCES
    /// (not in group i2c?); what else opening the device and its lock may give.
    explicit i2c_bus(std::string_view bus, const bus_options& options = {});
    ~i2c_bus();

    /// Takes the bus for the calling thread until the session object ends. A session inside one of the same
    /// thread shares its hold. Throws `std::system_error`; `i2c_errc::lock_timeout` names who holds the bus
    /// and since when.
    [[nodiscard]] i2c_session session(const session_options& options = {});
    /// The same; after an error the session holds nothing and its calls fail with `i2c_errc::hold_lost`.
    [[nodiscard]] i2c_session session(const session_options& options, std::error_code& error) noexcept;

    /// "/dev/i2c-1" or "sim:NAME".
    [[nodiscard]] const std::string& name() const noexcept;
    /// Name of the bus's lock, as `resourcelock NAME state` wants it.
    [[nodiscard]] const std::string& lock_name() const noexcept;

    void lock();
    [[nodiscard]] bool try_lock() { return try_lock_within(std::chrono::seconds{0}); }
    template <class Rep, class Period>
    [[nodiscard]] bool try_lock_for(std::chrono::duration<Rep, Period> duration)
    {
        return try_lock_within(duration);
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool try_lock_until(std::chrono::time_point<Clock, Duration> deadline)
    {
        return try_lock_within(wait_limit::until(deadline));
    }
    void unlock() noexcept;

private:
    friend class i2c_session;

    std::error_code take(const session_options& options) noexcept;
    bool try_lock_within(wait_limit timeout);
    std::error_code do_transfer(std::span<const i2c_message> messages) noexcept override;
    std::error_code do_smbus(const smbus_call& call, std::size_t& block_size) noexcept override;
    [[nodiscard]] std::string explain(std::error_code error,
                                      std::optional<i2c_address> address) const override;

    class implementation;
    std::unique_ptr<implementation> implementation_;
};

/// The bus, held by one thread: nobody else's transaction comes between ours until the object ends. Keep it
/// short: other programs wait for the bus meanwhile, a second by default. It is used and ended by the thread
/// that opened it, before the bus object ends.
class RESOURCELOCK_EXPORT i2c_session final : public i2c_transactions {
public:
    ~i2c_session();

    /// False only after `bus.session(options, error)` failed.
    [[nodiscard]] explicit operator bool() const noexcept { return holds_; }

private:
    friend class i2c_bus;

    i2c_session(i2c_bus& bus, bool holds) noexcept : bus_{bus}, holds_{holds} {}

    std::error_code do_transfer(std::span<const i2c_message> messages) noexcept override;
    std::error_code do_smbus(const smbus_call& call, std::size_t& block_size) noexcept override;
    [[nodiscard]] std::string explain(std::error_code error,
                                      std::optional<i2c_address> address) const override;

    i2c_bus& bus_;
    bool holds_;
};

} // namespace resourcelock
