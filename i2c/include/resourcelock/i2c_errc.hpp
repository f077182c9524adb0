#pragma once

#include <resourcelock/export.hpp>

#include <system_error>

namespace resourcelock {

/// What a failed transaction means. Error codes keep the kernel's errno (`ec.value()`, in
/// `std::system_category()`); compare them with these conditions: `if (ec == i2c_errc::no_acknowledge)`.
/// Sources: Documentation/i2c/fault-codes.rst of the kernel, and the drivers i2c-bcm2835 and i2c-designware,
/// which answer EREMOTEIO where that page says ENXIO.
enum class i2c_errc {
    no_acknowledge = 1, ///< nobody answers at the address (ENXIO, EREMOTEIO), or a device is busy with itself
    arbitration_lost,   ///< another controller took the bus (EAGAIN): try again
    timed_out,          ///< the clock was stretched too long, or a line is stuck low (ETIMEDOUT)
    bus_busy,           ///< the bus did not become free (EBUSY from a transfer)
    address_in_use,     ///< a kernel driver owns the address (EBUSY from I2C_SLAVE)
    not_supported,      ///< the adapter cannot do this (EOPNOTSUPP), or a flag it does not have
    corrupt,            ///< the checksum (PEC) does not fit (EBADMSG)
    bad_protocol,       ///< a device announced a block length outside 1 to 32 (EPROTO)
    io_error,           ///< unspecified, or data not acknowledged (EIO), or fewer messages done than asked
    bus_gone,           ///< the adapter was removed (ENODEV), or no driver is behind its device node
    bad_bus,            ///< refused: no number, path, adapter's name or "sim:NAME"; or several have that name
    bad_address,        ///< refused before sending: not an address, or a reserved one
    bad_length,   ///< refused before sending: no messages or more than 42; a length outside 1 to 8192, or
                  ///< outside 1 to 32 for an SMBus block
    too_long,     ///< refused before sending: takes longer than the adapter's timeout, a second, at the bus's
                  ///< clock
    bad_argument, ///< refused before sending: a register, channel or option that does not exist
    lock_timeout, ///< the bus's lock was not to be had in time: another program holds the bus
    not_as_scripted, ///< a playback bus expected another transaction
    hold_lost,       ///< somebody force-released the bus's lock during the session; or there is no session
};

/// Category of the conditions above, and of codes that have no errno of their own (lock_timeout, bad_address,
/// ...). Thread-safe.
RESOURCELOCK_EXPORT const std::error_category& i2c_category() noexcept;

/// Category of errno values that ioctl(I2C_SLAVE) gave: there, EBUSY means `address_in_use`. Thread-safe.
RESOURCELOCK_EXPORT const std::error_category& i2c_address_category() noexcept;

/// A code for what no errno says, such as `lock_timeout`. Thread-safe.
inline std::error_code make_error_code(i2c_errc error) noexcept
{
    return {static_cast<int>(error), i2c_category()};
}

/// So that `error == i2c_errc::no_acknowledge` works, whatever errno it was. Thread-safe.
inline std::error_condition make_error_condition(i2c_errc error) noexcept
{
    return {static_cast<int>(error), i2c_category()};
}

} // namespace resourcelock

/// \cond
template <>
struct std::is_error_condition_enum<resourcelock::i2c_errc> : std::true_type {};
/// \endcond
