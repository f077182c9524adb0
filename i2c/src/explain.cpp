#include "explain.hpp"

#include "local_time.hpp"
#include "shared_names.hpp"
#include "sim_devices.hpp"
#include "sysfs.hpp"
#include "utf8.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <array>
#include <chrono>
#include <cstdio>

namespace resourcelock {

namespace {

std::string in_hex(i2c_address address)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%02x", static_cast<unsigned>(address.value()));
    return text.data();
}

/// Who holds the bus. A Python program leaves no facts, only its text, which begins with the time it took the
/// lock.
std::string holder_of(const resource_lock& lock)
{
    const auto now = lock.state();
    const auto look = " (`resourcelock " + lock.lockname() + " state` shows the holder)";
    if (!now.locked)
        return "it was not free in time, but is now" + look;
    const auto text = now.info.empty() ? std::string{} : ": '" + printable(now.info) + "'";
    if (now.status == owner_status::detached)
        return "it is held on purpose" + text + "; `resourcelock " + lock.lockname() + " unget` ends that";
    if (!now.owner)
        return "it is held by a program that does not use this library" + text + look;
    return "it is held by " + printable(now.owner->comm) + ", pid " + std::to_string(now.owner->pid) +
           ", uid " + std::to_string(now.owner->uid) + ", since " +
           local_time(std::chrono::system_clock::to_time_t(now.owner->since)) + text + look;
}

std::string owned_address(const bus_identity& bus, std::optional<i2c_address> address)
{
    const auto driver =
        address && bus.number ? sysfs::driver_of(*bus.number, address->value(), "/sys") : std::string{};
    return "the address belongs to the kernel driver" + (driver.empty() ? driver : " " + driver) +
           ": use what that offers in /sys, unbind it, or open the bus with force";
}

std::string no_answer(const bus_identity& bus)
{
    if (!bus.number && !bus.name.starts_with(shared_names::simulation))
        return "nobody answered: so the script says";
    if (!bus.number)
        return "nobody answered; simulated are " + std::string{sim::who_answers} +
               "; SHT31 and AT24C32 do not answer while they are busy";
    return "nobody answered: is the device there, powered, at this address and not busy? `i2cdetect -y " +
           std::to_string(*bus.number) + "` shows who answers";
}

struct advice {
    i2c_errc meaning;
    const char* text;
};

constexpr std::array advices{
    advice{i2c_errc::arbitration_lost, "another controller on the wires was first: try again"},
    advice{i2c_errc::timed_out,
           "a device held the clock too long, or a line is stuck low: look at wiring, pull-ups and power"},
    advice{i2c_errc::bus_busy,
           "the bus did not become free: is a line held low? Look at wiring, pull-ups and power"},
    advice{i2c_errc::not_supported, "this adapter cannot do that (`i2cdetect -F` lists what one can do)"},
    advice{i2c_errc::corrupt,
           "the checksum does not fit: read again, and look at wiring and clock if it stays so"},
    advice{i2c_errc::bad_protocol,
           "the device announced a block outside 1 to 32 bytes: does it know this command?"},
    advice{i2c_errc::io_error,
           "the transfer broke off: is the device still powered? Try again if that does no harm"},
    advice{i2c_errc::bus_gone,
           "the adapter was removed; once it is back under this name, the bus works again by itself"},
    advice{i2c_errc::bad_address,
           "an address is 0x08 to 0x77 (others: i2c_address::reserved or ten_bit); nothing was sent"},
    advice{i2c_errc::bad_length,
           "a transfer has 1 to 42 messages of 1 to 8192 bytes, an SMBus block has 1 to 32 bytes (32 to read "
           "into), a message that reads a block has room for 33; nothing was sent"},
    advice{i2c_errc::too_long,
           "at the bus's clock this takes longer than the second after which the adapter gives up: send less "
           "at once; nothing was sent"},
    advice{i2c_errc::bad_argument,
           "there is no such register (0 to 0xff, or to 0xffff where numbers have two "
           "bytes); nothing was sent"},
    advice{i2c_errc::not_as_scripted,
           "the script expects something else here: playback_bus::report() tells the difference"},
    advice{i2c_errc::hold_lost, "the session does not hold the bus, somebody may have force-released it: end "
                                "it and start the sequence again"},
};

std::string reason(std::error_code error, const bus_identity& bus, std::optional<i2c_address> address,
                   const resource_lock* lock)
{
    if (error == i2c_errc::lock_timeout)
        return lock == nullptr ? "another thread of this program holds the bus"
                               : "the bus's lock was not to be had: " + holder_of(*lock);
    if (error == i2c_errc::address_in_use)
        return owned_address(bus, address);
    if (error == i2c_errc::no_acknowledge)
        return no_answer(bus);
    if (error == lock_errc::lock_replaced)
        return "somebody removed the files of the lock " + (lock == nullptr ? "" : lock->lockname()) +
               " in /dev/shm: open the bus again";
    if (error == lock_errc::used_after_fork)
        return "this bus was opened before a fork(): open it again in the child";
    for (const auto& [meaning, text] : advices)
        if (error == meaning)
            return text;
    return "the transfer failed";
}

} // namespace

std::string explain(std::error_code error, const bus_identity& bus, std::optional<i2c_address> address,
                    const resource_lock* lock)
{
    return bus.name + (address ? ", address " + in_hex(*address) : "") + ": " +
           reason(error, bus, address, lock);
}

} // namespace resourcelock
