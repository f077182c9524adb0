#include "kernel_adapter.hpp"

#include "checks.hpp"
#include "sysfs.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <grp.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <pwd.h>
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
    struct stat node {};
    if (stat(path.c_str(), &node) != 0)
        return {};
    std::array<char, 4096> buffer{};
    passwd user{};
    passwd* found_user = nullptr;
    getpwuid_r(node.st_uid, &user, buffer.data(), buffer.size(), &found_user);
    const std::string owner = found_user != nullptr ? user.pw_name : std::to_string(node.st_uid);
    group its_group{};
    group* found_group = nullptr;
    getgrgid_r(node.st_gid, &its_group, buffer.data(), buffer.size(), &found_group);
    const std::string group_name = found_group != nullptr ? its_group.gr_name : std::to_string(node.st_gid);
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(node.st_mode & 07777));

    const bool has_group = node.st_gid != 0 && (node.st_mode & 060) == 060;
    return " (owner " + owner + ", group " + group_name + ", mode " + mode.data() + "): " +
           (has_group ? "`sudo usermod -aG " + group_name + " $USER`, then log in again"
                      : std::string{"give it to group i2c with a udev rule, or run as its owner"});
}

/// Of a byte without a command, the kernel takes the byte for it.
std::uint8_t command_of(const smbus_call& call) noexcept
{
    return call.size == smbus_call::kind::byte && !call.is_read ? call.data[0] : call.command;
}

static_assert(static_cast<int>(i2c_flag::no_read_acknowledge) == I2C_M_NO_RD_ACK &&
              static_cast<int>(i2c_flag::ignore_nak) == I2C_M_IGNORE_NAK &&
              static_cast<int>(i2c_flag::reverse_direction) == I2C_M_REV_DIR_ADDR &&
              static_cast<int>(i2c_flag::no_start) == I2C_M_NOSTART &&
              static_cast<int>(i2c_flag::stop) == I2C_M_STOP);

i2c_msg as_kernel(const i2c_message& message) noexcept
{
    i2c_msg result{};
    result.addr = static_cast<std::uint16_t>(message.address().value());
    result.flags = static_cast<std::uint16_t>(message.flags() | (message.is_read() ? I2C_M_RD : 0) |
                                              (message.address().is_ten_bit() ? I2C_M_TEN : 0) |
                                              (message.device_tells_length() ? I2C_M_RECV_LEN : 0));
    result.len = static_cast<std::uint16_t>(message.bytes().size());
    result.buf = const_cast<std::uint8_t*>(message.bytes().data()); // the kernel only reads what it sends
    if (message.device_tells_length()) {
        // i2cdev_ioctl_rdwr wants the number of bytes before the block there, its length, and room for both.
        message.into()[0] = 1;
        result.len = 1 + I2C_SMBUS_BLOCK_MAX;
    }
    return result;
}

int kernel_size(const smbus_call& call) noexcept
{
    switch (call.size) {
    case smbus_call::kind::quick:
        return I2C_SMBUS_QUICK;
    case smbus_call::kind::byte:
        return I2C_SMBUS_BYTE;
    case smbus_call::kind::byte_data:
        return I2C_SMBUS_BYTE_DATA;
    case smbus_call::kind::word_data:
        return I2C_SMBUS_WORD_DATA;
    case smbus_call::kind::process_call:
        return I2C_SMBUS_PROC_CALL;
    case smbus_call::kind::block_data:
        return I2C_SMBUS_BLOCK_DATA;
    case smbus_call::kind::i2c_block_data:
        return I2C_SMBUS_I2C_BLOCK_DATA;
    case smbus_call::kind::block_process_call:
        break;
    }
    return I2C_SMBUS_BLOCK_PROC_CALL;
}

/// What the kernel is to send, and for an i2c block how much it is to read.
i2c_smbus_data kernel_data(const smbus_call& call) noexcept
{
    i2c_smbus_data data{};
    switch (call.size) {
    case smbus_call::kind::quick:
    case smbus_call::kind::byte: // travels as the command
        break;
    case smbus_call::kind::byte_data:
        data.byte = call.data[0];
        break;
    case smbus_call::kind::word_data:
    case smbus_call::kind::process_call:
        data.word = static_cast<std::uint16_t>(call.data[0] | call.data[1] << 8);
        break;
    case smbus_call::kind::block_data:
    case smbus_call::kind::i2c_block_data:
    case smbus_call::kind::block_process_call: {
        const bool whole = call.size != smbus_call::kind::block_process_call;
        const auto block = whole ? call.data : call.data.first(call.to_write);
        data.block[0] = static_cast<std::uint8_t>(std::min<std::size_t>(block.size(), I2C_SMBUS_BLOCK_MAX));
        std::copy_n(block.begin(), data.block[0], data.block + 1);
        break;
    }
    }
    return data;
}

std::error_code take_answer(const smbus_call& call, const i2c_smbus_data& data,
                            std::size_t& block_size) noexcept
{
    switch (call.size) {
    case smbus_call::kind::quick:
        return {};
    case smbus_call::kind::byte:
    case smbus_call::kind::byte_data:
        if (call.is_read)
            call.data[0] = data.byte;
        return {};
    case smbus_call::kind::word_data:
    case smbus_call::kind::process_call:
        if (call.is_read || call.size == smbus_call::kind::process_call) {
            call.data[0] = static_cast<std::uint8_t>(data.word & 0xff);
            call.data[1] = static_cast<std::uint8_t>(data.word >> 8);
        }
        return {};
    case smbus_call::kind::i2c_block_data:
        if (call.is_read && data.block[0] != call.data.size())
            return as_error(EIO);
        break;
    case smbus_call::kind::block_data:
    case smbus_call::kind::block_process_call:
        break;
    }
    if (!call.is_read && call.size != smbus_call::kind::block_process_call)
        return {};
    if (data.block[0] < 1 || data.block[0] > I2C_SMBUS_BLOCK_MAX)
        return as_error(EPROTO);
    block_size = data.block[0];
    std::copy_n(data.block + 1, block_size, call.data.begin());
    return {};
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
        throw std::system_error{as_error(open_error),
                                open_error == EACCES ? "no permission for " + path_ + access_advice(path_)
                                                     : path_ + " cannot be opened"};
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
{
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
        kernel_messages[count++] = as_kernel(message);
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
    i2c_smbus_data data = kernel_data(call);
    // One call for all kinds. It returns -errno; the wrappers around it copy a block without looking at its
    // length.
    const int result = i2c_smbus_access(node_->get(), call.is_read ? I2C_SMBUS_READ : I2C_SMBUS_WRITE,
                                        command_of(call), kernel_size(call), &data);
    if (result < 0)
        return as_error(-result);
    return take_answer(call, data, block_size);
}

} // namespace resourcelock
