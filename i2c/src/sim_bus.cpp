#include "sim_bus.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <thread>

#include <fcntl.h>
#include <linux/i2c.h>

namespace resourcelock {

namespace {

/// Keeps other processes out for one transaction. The kernel drops the lock with the process, at whatever
/// point. Not the named lock of the bus: programs that agreed on no lock, or on different ones, get whole
/// transactions too.
class transaction_lock {
public:
    /// Opens the file anew: the lock belongs to what open() made, and that of a longer-lived descriptor would
    /// be kept by children forked before.
    explicit transaction_lock(int file) noexcept : file_{open_again(file)}
    {
        using namespace std::chrono_literals;
        if (!file_.is_open()) {
            error_ = errno;
            return;
        }
        struct flock whole_file {};
        whole_file.l_type = F_WRLCK;
        whole_file.l_whence = SEEK_SET;
        const auto end = std::chrono::steady_clock::now() + adapter_timeout;
        while (fcntl(file_.get(), F_OFD_SETLK, &whole_file) != 0) {
            const bool busy = errno == EAGAIN || errno == EACCES;
            if (!busy || std::chrono::steady_clock::now() > end) {
                error_ = busy ? ETIMEDOUT : errno; // as from an adapter whose clock line is held down
                return;
            }
            std::this_thread::sleep_for(50us);
        }
    }

    [[nodiscard]] int error() const noexcept { return error_; }

private:
    static int open_again(int file) noexcept
    {
        std::array<char, 32> path{};
        std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", file);
        return open(path.data(), O_RDWR | O_CLOEXEC);
    }

    static constexpr std::chrono::seconds adapter_timeout{1}; // Linux' default

    descriptor file_;
    int error_ = 0;
};

sim::instant now() noexcept
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return sim::nanoseconds(std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec});
}

template <class Device>
bool acknowledged(Device& device, const i2c_message& message, sim::instant time) noexcept
{
    return message.is_read() ? device.read(message.into(), time) : device.write(message.bytes(), time);
}

bool deliver(sim::devices& devices, const i2c_message& message, sim::instant time) noexcept
{
    switch (message.address().value()) {
    case 0x44:
        return acknowledged(devices.humidity, message, time);
    case 0x48:
        return acknowledged(devices.adc, message, time);
    case 0x50:
        return acknowledged(devices.eeprom, message, time);
    default:
        return false;
    }
}

} // namespace

adapter_limits sim_bus::limits() const noexcept
{
    return {.functionality =
                I2C_FUNC_I2C | (I2C_FUNC_SMBUS_EMUL & ~static_cast<unsigned long>(I2C_FUNC_SMBUS_PEC))};
}

std::error_code sim_bus::transfer(std::span<const i2c_message> messages) noexcept
{
    const auto reads = [](const i2c_message& message) { return message.is_read(); };
    if (std::ranges::any_of(messages.first(messages.size() - 1),
                            reads)) // as i2c-bcm2835: only the last may read
        return {EOPNOTSUPP, std::system_category()};
    const std::scoped_lock one_thread{threads_};
    const transaction_lock one_process{file_.number()};
    if (one_process.error() != 0)
        return {one_process.error(), std::system_category()};
    const auto time = now();
    for (const auto& message : messages)
        if (!deliver(file_.contents(), message, time))
            return {EREMOTEIO, std::system_category()};
    return {};
}

/// Made of messages as the kernel does for adapters without SMBus hardware (i2c_smbus_xfer_emulated). Block
/// reads are among the things that limits() excludes.
std::error_code sim_bus::smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    block_size = 0;
    using kind = smbus_call::kind;
    std::array<std::uint8_t, 2 + I2C_SMBUS_BLOCK_MAX> sent{};
    std::size_t count = 0;
    if (call.size != kind::quick && call.size != kind::byte)
        sent[count++] = call.command;
    if (call.size == kind::block_data)
        sent[count++] = static_cast<std::uint8_t>(call.data.size());
    const bool writes_data = !call.is_read;
    if (writes_data) {
        std::ranges::copy(call.data, std::span{sent}.subspan(count).begin());
        count += call.data.size();
    }
    const auto to_send = i2c_message::write(call.address, std::span{sent}.first(count));
    const auto to_read = i2c_message::read(call.address, call.data);
    const bool answers = call.is_read || call.size == kind::process_call;
    if (!answers)
        return transfer(std::array{to_send});
    return count == 0 ? transfer(std::array{to_read}) : transfer(std::array{to_send, to_read});
}

} // namespace resourcelock
