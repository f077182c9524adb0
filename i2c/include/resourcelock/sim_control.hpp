#pragma once

#include <resourcelock/export.hpp>
#include <resourcelock/i2c_address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

/// Drives a simulated bus ("sim:NAME") from outside: its time, faults, and what its adapter can do. For tests
/// of programs that use `i2c_bus`: the program under test runs unchanged, in this process or another, and the
/// test makes happen what rarely happens on wires. The devices are listed in docs/testing.md.
namespace resourcelock {

/// What goes wrong, and with which transactions: those with `address`, from the one behind the first `after`
/// on, `count` of them, each with `probability`. Faults that hit the same transaction add up: the first error
/// that was added, all delays, the shortest answer.
struct sim_fault {
    /// For `count`: until clear_faults().
    static constexpr unsigned always = std::numeric_limits<unsigned>::max();

    /// The errno that the transaction fails with; nothing is delivered. EAGAIN: arbitration lost; EREMOTEIO
    /// or ENXIO: nobody acknowledges; ETIMEDOUT: a line is stuck; `i2c_errc` tells the others. 0: it does not
    /// fail.
    int error = 0;
    /// Clock stretching: the transaction takes so much longer. More than 1 s, the adapter's timeout: it fails
    /// with ETIMEDOUT after that second. While the clock is stopped nobody sleeps, and the clock moves
    /// instead.
    std::chrono::nanoseconds delay{0};
    /// A short answer: so many bytes of each read arrive, and the others are 0xff, which nobody drives.
    std::optional<std::size_t> answer_bytes{};
    /// Only transactions with a message to this address; none: any.
    std::optional<i2c_address> address{};
    unsigned after = 0;     ///< so many of these pass first
    unsigned count = 1;     ///< so many are hit, or `always`
    double probability = 1; ///< that each of those is really hit, 0 to 1
};

/// The other side of a simulated bus. All it changes holds at once for every program that has the bus open,
/// and stays when this object ends, until `remove`.
///
/// Every call throws `std::system_error` with a sentence when it is refused or the bus is not to be had (a
/// process was stopped inside a transaction: ETIMEDOUT after 2 s). Thread-safe.
class RESOURCELOCK_EXPORT sim_control {
public:
    /// Opens the bus "sim:NAME", and makes it if there is none. Throws as `i2c_bus` does: `i2c_errc::bad_bus`
    /// for other names, and what opening its file in /dev/shm may give.
    explicit sim_control(std::string_view bus);
    sim_control(const sim_control&) = delete;
    sim_control& operator=(const sim_control&) = delete;
    ~sim_control();

    /// The bus's time stands still: no conversion ends, and the DS3231 shows the same second.
    void stop_clock();
    /// It goes on from where it stands.
    void start_clock();
    /// Moves it forwards, whether it runs or stands. EINVAL: backwards, or beyond the 146 years it has.
    void advance(std::chrono::nanoseconds duration);

    /// Faults wait for their transactions, 16 at most (ENOSPC), and are gone when they have hit `count`
    /// times. EINVAL: a number outside its range; `i2c_errc::bad_address`.
    void add_fault(const sim_fault& fault);
    /// Nothing goes wrong any more.
    void clear_faults();
    /// Begins the random numbers behind `probability` anew: the same seed, faults and transactions give the
    /// same hits. A new bus has the seed 0.
    void seed(std::uint64_t value);

    /// Transactions that reached the bus since it was made, failed ones included; not those that were refused
    /// before anything was sent.
    [[nodiscard]] std::uint64_t transactions() const;
    /// Those of a thread that did not hold the bus, or no longer, since another took it: programs that share
    /// the bus without sharing its lock. 0 when all is well.
    [[nodiscard]] std::uint64_t foreign_transactions() const;

    /// Pretends an adapter that can other things: I2C_FUNC_* of linux/i2c.h, which have 32 bits (EINVAL
    /// above). Without I2C_FUNC_I2C there are only SMBus calls; with I2C_FUNC_SMBUS_READ_BLOCK_DATA and
    /// I2C_FUNC_SMBUS_BLOCK_PROC_CALL devices send the length of a block first (outside 1 to 32: EPROTO). No
    /// device has a 10-bit address or knows packet error codes, whatever the adapter could do.
    void set_functionality(unsigned long functionality);
    /// What a new bus has: that of i2c-bcm2835, the adapter of the Raspberry Pi 0 to 4.
    void reset_functionality();
    /// false, as on a new bus: a transfer that reads before its last message is refused with EOPNOTSUPP, as
    /// by i2c-bcm2835; true: it is carried out, as by i2c-imx.
    void allow_combined_reads(bool allowed);

    /// Removes the bus's files in /dev/shm, its lock's included, so that a test leaves nothing behind. For
    /// when nobody has it open any more; does nothing when there is none. Throws `i2c_errc::bad_bus`, and
    /// what unlink() may give.
    static void remove(std::string_view bus);

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace resourcelock
