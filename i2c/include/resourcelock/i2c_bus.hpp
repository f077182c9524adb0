#pragma once

#include <resourcelock/i2c_retry.hpp>
#include <resourcelock/i2c_transactions.hpp>
#include <resourcelock/resource_lock.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

/// An I2C bus that programs share. The kernel keeps two transactions apart, but not the steps of one reading:
/// start, wait 15 ms, read. This class takes the bus's named lock around every transaction, and `session()`
/// holds it over as many transactions, waits and decisions as a reading needs.
namespace resourcelock {

class adapter;       // what carries transactions out; private to the library
struct bus_identity; // likewise

/// How a program uses a bus.
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
    /// Which failures of a transaction outside a session are tried again, with the bus held. Inside one
    /// nothing is repeated alone: see `i2c_bus::in_session`.
    i2c_retry retry = i2c_retry::arbitration_lost();
};

/// How a session waits for the bus, and holds it.
struct session_options {
    wait_limit timeout = std::chrono::seconds{1}; ///< longest wait for the bus's lock
    std::string_view lock_info{}; ///< who and what for, e.g. "tempmon #3"; empty: as the bus's
    std::stop_token stop{};       ///< ends the wait early, as `lock_timeout`
    /// How long the session means to hold the bus. One that held it longer is reported when it ends: a
    /// warning of the logger `resourcelock`.
    std::optional<std::chrono::nanoseconds> max_hold{};
    /// Which failures are tried again: of `i2c_bus::in_session`, `i2c_device::split_phase` and
    /// `i2c_mux::on_channel`. `i2c_bus::session` and `i2c_session::yield` do not look at it.
    i2c_retry retry = i2c_retry::arbitration_lost();
};

class i2c_session;

/// One I2C bus, opened once by each program that uses it.
///
/// Its lock is shared with every other program that uses this library on the same wires, however it spelled
/// the bus: buses behind a multiplexer share the lock of their root adapter. The lock's mode and group are
/// those of the device node, so whoever may use the bus may use its lock.
///
/// Errors of a transaction: see `i2c_errc`; and `lock_errc::lock_replaced` when somebody removed the lock's
/// files. An adapter that was removed is `i2c_errc::bus_gone`, for every transaction until it is back under
/// its old name; then the bus works again by itself. Until its next transaction a program keeps the kernel
/// waiting that wants to remove the adapter.
///
/// Lockable and TimedLockable: `std::scoped_lock hold{bus};` opens and closes the calling thread's session,
/// and `std::scoped_lock hold{bus, another_bus};` takes several without a deadlock. Calls by a thread that
/// holds a session, on the bus or on a session, use that hold; other threads wait. Bus objects of one program
/// with the same lock share its holds. Thread-safe.
class RESOURCELOCK_EXPORT i2c_bus : public i2c_transactions {
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
    /// (not in group i2c?); `i2c_errc::bus_gone` (a device node without a driver behind it); what else
    /// opening the device and its lock may give.
    explicit i2c_bus(std::string_view bus, const bus_options& options = {});
    virtual ~i2c_bus();

    /// Takes the bus for the calling thread until the session object ends. A session inside one of the same
    /// thread shares its hold. Throws `std::system_error`; `i2c_errc::lock_timeout` names who holds the bus
    /// and since when.
    [[nodiscard]] i2c_session session(const session_options& options = {});
    /// The same; after an error the session holds nothing and its calls fail with `i2c_errc::hold_lost`.
    [[nodiscard]] i2c_session session(const session_options& options, std::error_code& error) noexcept;

    /// Runs `steps(i2c_session&)` in a session and returns what it returns. After a failure that
    /// `options.retry` allows (a `std::system_error` with such a code, whoever throws it), the whole sequence
    /// runs again from its first step, still in the same session; not inside another session of the thread,
    /// which has steps of its own before. Throws what session() and `steps` throw.
    template <class Steps>
    auto in_session(const session_options& options, Steps steps) -> std::invoke_result_t<Steps&, i2c_session&>
    {
        using result = std::invoke_result_t<Steps&, i2c_session&>;
        if constexpr (std::is_void_v<result>) {
            repeat(options, std::ref(steps));
        } else {
            std::optional<result> kept;
            repeat(options, [&](i2c_session& session) { kept.emplace(steps(session)); });
            return *std::move(kept);
        }
    }
    /// \overload
    template <class Steps>
    auto in_session(Steps steps) -> std::invoke_result_t<Steps&, i2c_session&>
    {
        return in_session(session_options{}, std::move(steps));
    }

    /// "/dev/i2c-1" or "sim:NAME".
    [[nodiscard]] const std::string& name() const noexcept;
    /// Name of the bus's lock, as `resourcelock NAME state` wants it.
    [[nodiscard]] const std::string& lock_name() const noexcept;
    /// The adapter, as `i2cdetect -l` shows it; empty when the system does not tell.
    [[nodiscard]] const std::string& adapter_name() const noexcept;
    /// I2C_FUNC_* of linux/i2c.h, or-ed: what the adapter can do. Asked once.
    [[nodiscard]] unsigned long functionality() const noexcept;
    /// Frequency of SCL in hertz; nothing where the device tree does not tell. Estimates take 100 kHz then.
    [[nodiscard]] std::optional<std::uint32_t> clock_hz() const noexcept;
    /// How long these messages are on the wires, without clock stretching. A transfer that is there for
    /// longer than the adapter's timeout (a second) is refused with `i2c_errc::too_long`.
    [[nodiscard]] std::chrono::microseconds
    estimate_duration(std::span<const i2c_message> messages) const noexcept;

    /// The name of the kernel driver that owns an address ("" when the system does not tell); nothing when
    /// none does. Transactions with such an address are refused with `i2c_errc::address_in_use` unless the
    /// bus was opened with `force`; they ask once for each address, not each time. Always nothing for invalid
    /// and 10-bit addresses, and when the device node cannot be opened.
    [[nodiscard]] std::optional<std::string> is_address_in_use(i2c_address address) const;

    /// Opens a session of the calling thread as session() does, and waits for the bus without end; one inside
    /// another ends with an unlock() of its own. Throws `std::system_error`.
    void lock();
    /// lock() that does not wait: whether it has the bus.
    [[nodiscard]] bool try_lock() { return try_lock_within(std::chrono::seconds{0}); }
    /// lock() that waits so long at most.
    template <class Rep, class Period>
    [[nodiscard]] bool try_lock_for(std::chrono::duration<Rep, Period> duration)
    {
        return try_lock_within(duration);
    }
    /// lock() that waits until then at most.
    template <class Clock, class Duration>
    [[nodiscard]] bool try_lock_until(std::chrono::time_point<Clock, Duration> deadline)
    {
        return try_lock_within(wait_limit::until(deadline));
    }
    /// Ends what the thread's last lock() began.
    void unlock() noexcept;

protected:
    /// \cond
    /// For doubles: a bus that no other program has, over this adapter; without a lock.
    i2c_bus(std::unique_ptr<adapter> device, bus_identity identity, const bus_options& options);
    /// For doubles: a real bus, with something between it and its adapter.
    using adapter_wrapper = std::function<std::unique_ptr<adapter>(std::unique_ptr<adapter>)>;
    i2c_bus(std::string_view bus, const bus_options& options, const adapter_wrapper& wrap);
    /// \endcond

private:
    friend class i2c_session;
    friend class i2c_device;
    friend class i2c_mux;

    std::error_code take(const session_options& options) noexcept;
    bool try_lock_within(wait_limit timeout);
    void repeat(const session_options& options, const std::function<void(i2c_session&)>& steps);
    /// Whether the calling thread's hold ends with its next unlock().
    [[nodiscard]] bool holds_once() const noexcept;
    /// The policy for steps in a hold that just began; none in an older one, whose owner has steps before
    /// them.
    [[nodiscard]] i2c_retry if_outermost(const i2c_retry& policy) const noexcept;
    [[nodiscard]] std::error_code check_hold() const noexcept;
    /// How a single transaction waits for the bus, and what it repeats.
    [[nodiscard]] session_options as_a_transaction() const noexcept;
    /// Changes with every transaction that any program has with this device; nothing when nobody can tell.
    [[nodiscard]] std::optional<std::uint32_t> touches(i2c_address address) const noexcept;
    std::error_code do_transfer(std::span<const i2c_message> messages, splitting allowed) noexcept override;
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

    /// False after `bus.session(options, error)` or a yield() failed.
    [[nodiscard]] explicit operator bool() const noexcept { return holds_; }

    /// Between the units of a long job, such as the pages of an EEPROM: gives the bus to those who wait for
    /// it, and takes it back. `options` are those of the hold that begins then. Nothing in a session inside
    /// another, which must not give away what that one relies on. Throws `std::system_error`, as
    /// `i2c_bus::session` does; the session holds nothing then.
    void yield(const session_options& options = {});
    /// \overload
    void yield(const session_options& options, std::error_code& error) noexcept;

private:
    friend class i2c_bus;
    friend class i2c_device;
    friend class i2c_mux;

    i2c_session(i2c_bus& bus, bool holds, const session_options& options) noexcept
        : bus_{bus}, holds_{holds}, began_{std::chrono::steady_clock::now()}, max_hold_{options.max_hold}
    {}

    void repeat(const i2c_retry& policy, const std::function<void(i2c_session&)>& steps);
    void report_if_too_long() const noexcept;
    std::error_code do_transfer(std::span<const i2c_message> messages, splitting allowed) noexcept override;
    std::error_code do_smbus(const smbus_call& call, std::size_t& block_size) noexcept override;
    [[nodiscard]] std::string explain(std::error_code error,
                                      std::optional<i2c_address> address) const override;

    i2c_bus& bus_;
    bool holds_;
    std::chrono::steady_clock::time_point began_;
    std::optional<std::chrono::nanoseconds> max_hold_;
};

} // namespace resourcelock
