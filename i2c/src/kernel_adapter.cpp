#include "kernel_adapter.hpp"

#include "checks.hpp"
#include "kernel_format.hpp"
#include "node_access.hpp"
#include "sysfs.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

extern "C" {
#include <i2c/smbus.h>
}

namespace resourcelock {

namespace {

std::error_code as_error(int number) noexcept { return {number, std::system_category()}; }

/// Who may open the node, and what to type to be one of them.
std::string access_advice(const std::string& path)
{
    const auto node = look_at_file(path);
    return node ? " (" + permissions_of(*node) + "): " + way_in(*node, geteuid()) : std::string{};
}

[[noreturn]] void cannot_open(const std::string& path, int error)
{
    if (error == EACCES)
        throw std::system_error{as_error(error), "no permission for " + path + access_advice(path)};
    // The errno would say "not acknowledged": ENXIO without i2c-dev, ENODEV without the adapter.
    if (error == ENXIO || error == ENODEV)
        throw std::system_error{make_error_code(i2c_errc::bus_gone),
                                path + " cannot be opened, because no driver is behind it: `sudo modprobe "
                                       "i2c-dev` if that is not loaded; `i2cdetect -l` lists the adapters"};
    throw std::system_error{as_error(error), path + " cannot be opened"};
}

} // namespace

kernel_adapter::kernel_adapter(const bus_identity& bus, bool force)
    : path_{bus.name},
      number_{*bus.number},
      adapter_name_{bus.adapter_name},
      force_{force},
      limits_{.clock_hz = bus.clock_hz.value_or(adapter_limits{}.clock_hz)}
{
    descriptor node{open(path_.c_str(), O_RDWR | O_CLOEXEC)};
    const int open_error = errno;
    if (!node.is_open())
        cannot_open(path_, open_error);
    if (ioctl(node.get(), I2C_FUNCS, &limits_.functionality) != 0) {
        const int error = errno;
        throw std::system_error{as_error(error), path_ + " does not answer as an I2C bus does"};
    }
    node_.emplace(std::move(node));
}

/// An adapter that is unplugged, or unbound from its driver, takes its node along: the file has no name any
/// more. The kernel keeps the adapter, and whoever removes it waiting, until its last descriptor is closed;
/// transactions on that fail in various ways, or go on working (i2c-imx, channels of a multiplexer).
bool kernel_adapter::is_gone() const noexcept
{
    struct stat node {};
    return fstat(node_->get(), &node) == 0 && node.st_nlink == 0;
}

void kernel_adapter::hold_began() noexcept
{
    std::timespec tick{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &tick);
    if (tick.tv_nsec == last_look_.tv_nsec && tick.tv_sec == last_look_.tv_sec)
        return;
    last_look_ = tick;
    if (node_ && is_gone())
        node_.reset();
}

std::error_code kernel_adapter::reopen() noexcept
try {
    descriptor node{open(path_.c_str(), O_RDWR | O_CLOEXEC)};
    unsigned long functionality = 0;
    // Another adapter may have the number now: what was checked for the old one does not hold for it.
    if (!node.is_open() || ioctl(node.get(), I2C_FUNCS, &functionality) != 0 ||
        functionality != limits_.functionality || sysfs::name_of(number_, "/sys") != adapter_name_)
        return make_error_code(i2c_errc::bus_gone);
    node_.emplace(std::move(node));
    not_owned_.reset();
    selected_.reset();
    pec_ = false;
    return {};
} catch (...) { // without memory for the adapter's name, it cannot be told from another one
    return make_error_code(i2c_errc::bus_gone);
}

/// Opens the node of an adapter that has come back; closes that of one that has gone, with one error for all
/// the ways to fail that this causes.
template <class Transaction>
std::error_code kernel_adapter::reopening(Transaction transaction) noexcept
{
    if (!node_) {
        if (const auto error = reopen())
            return error;
    }
    const auto error = transaction();
    if (!error)
        return error;
    const bool gone = is_gone();
    // In a container the node stays when the adapter goes. (i2c-stub says ENODEV of a chip that is not
    // there.)
    if (gone || error == i2c_errc::bus_gone)
        node_.reset();
    return gone ? make_error_code(i2c_errc::bus_gone) : error;
}

bool kernel_adapter::is_owned(i2c_address address) const noexcept
{
    const descriptor node{open(path_.c_str(), O_RDWR | O_CLOEXEC)};
    return node.is_open() && ioctl(node.get(), I2C_SLAVE, address.value()) != 0 && errno == EBUSY;
}

/// I2C_RDWR goes through to an address that a kernel driver owns, and disturbs that driver: ask with
/// I2C_SLAVE, which refuses. Once for each address, since it costs a system call.
std::error_code kernel_adapter::ask_owner(i2c_address address) noexcept
{
    // The kernel compares 10-bit addresses only after I2C_TENBIT; no driver in its tree uses one.
    if (force_ || address.is_ten_bit() || not_owned_.test(static_cast<std::size_t>(address.value())))
        return {};
    return select(address);
}

std::error_code kernel_adapter::select(i2c_address address) noexcept
{
    if (selected_ == address.value())
        return {};
    if (ioctl(node_->get(), force_ ? I2C_SLAVE_FORCE : I2C_SLAVE, address.value()) != 0)
        return {errno, i2c_address_category()};
    selected_ = address.value();
    not_owned_.set(static_cast<std::size_t>(address.value()));
    return {};
}

std::error_code kernel_adapter::transfer(std::span<const i2c_message> messages) noexcept
{
    return reopening([&] { return send_messages(messages); });
}

std::error_code kernel_adapter::smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    return reopening([&] { return send_call(call, block_size); });
}

std::error_code kernel_adapter::send_messages(std::span<const i2c_message> messages) noexcept
{
    std::array<i2c_msg, I2C_RDWR_IOCTL_MAX_MSGS> kernel_messages{};
    std::size_t count = 0;
    for (const auto& message : messages) {
        if (const auto error = ask_owner(message.address()))
            return error;
        kernel_messages[count++] = kernel_format::message(message);
    }
    i2c_rdwr_ioctl_data request{kernel_messages.data(), static_cast<std::uint32_t>(count)};
    const int done = ioctl(node_->get(), I2C_RDWR, &request);
    if (done < 0)
        return as_error(errno);
    if (static_cast<std::size_t>(done) != count)
        return as_error(EIO);
    return told_lengths_exist(messages) ? std::error_code{} : as_error(EPROTO);
}

/// The kernel keeps this for the descriptor; it asks the adapter for more work, so only where it is wanted.
std::error_code kernel_adapter::switch_pec(bool on) noexcept
{
    if (pec_ == on)
        return {};
    if (ioctl(node_->get(), I2C_PEC, on ? 1 : 0) != 0)
        return as_error(errno);
    pec_ = on;
    return {};
}

std::error_code kernel_adapter::send_call(const smbus_call& call, std::size_t& block_size) noexcept
{
    if (const auto error = select(call.address))
        return error;
    if (const auto error = switch_pec(call.address.has_pec()))
        return error;
    i2c_smbus_data data = kernel_format::data_of(call);
    // One call for all kinds. It returns -errno; the wrappers around it copy a block without looking at its
    // length.
    const int result = i2c_smbus_access(node_->get(), call.is_read ? I2C_SMBUS_READ : I2C_SMBUS_WRITE,
                                        kernel_format::command_of(call), kernel_format::size_of(call), &data);
    if (result < 0)
        return as_error(-result);
    return kernel_format::take_answer(call, data, block_size);
}

} // namespace resourcelock
