// An I2C adapter that fails on demand, as a program (CUSE: character devices in user space):
//   faulty_adapter i2c-9
// is /dev/i2c-9 until it is killed. Addresses and orders: faulty_adapter.hpp; nobody is at the other
// addresses (ENXIO). Source of what is asked and answered: the kernel's drivers/i2c/i2c-dev.c.
#define FUSE_USE_VERSION 31

#include "faulty_adapter.hpp"

#include <cuse_lowlevel.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <linux/i2c-dev.h>
#include <linux/i2c.h>

namespace {

/// The wires and what is on them. One thread: transfers follow one another, as with the kernel's adapters.
class wires {
public:
    /// Returns how many messages were carried out, or -errno. `data` has a buffer for each message.
    int transfer(std::span<const i2c_msg> messages, std::vector<std::vector<std::uint8_t>>& data)
    {
        if (messages[0].addr == faulty::control)
            return talk(messages[0], data[0]);
        ++account_.transfers;
        const auto ordered = next_order();
        std::this_thread::sleep_for(std::chrono::milliseconds{10 * ordered.delay_in_10_ms});
        if (ordered.error != 0)
            return -ordered.error;
        int done = 0;
        for (const auto& message : messages) {
            if (message.addr != faulty::memory)
                return -ENXIO;
            if (ordered.messages != 0 && done == ordered.messages)
                break;
            for (auto& byte : data[static_cast<std::size_t>(done)])
                remember(byte, (message.flags & I2C_M_RD) != 0,
                         &byte == data[static_cast<std::size_t>(done)].data());
            ++done;
        }
        return done;
    }

    int ask_owner(unsigned long address)
    {
        if (address > 0x7f)
            return -EINVAL;
        if (address != faulty::control)
            ++account_.owner_questions;
        return address == faulty::owned ? -EBUSY : 0;
    }

private:
    int talk(const i2c_msg& message, std::vector<std::uint8_t>& bytes)
    {
        if ((message.flags & I2C_M_RD) != 0) {
            if (bytes.size() != sizeof account_)
                return -EINVAL;
            std::memcpy(bytes.data(), &account_, sizeof account_);
        } else {
            if (bytes.size() != sizeof order_)
                return -EINVAL;
            std::memcpy(&order_, bytes.data(), sizeof order_);
            account_ = {};
        }
        return 1;
    }

    faulty::order next_order()
    {
        if (order_.count == 0)
            return {};
        --order_.count;
        return order_;
    }

    void remember(std::uint8_t& byte, bool is_read, bool is_first)
    {
        if (is_read)
            byte = memory_[pointer_++];
        else if (is_first)
            pointer_ = byte;
        else
            memory_[pointer_++] = byte;
    }

    std::array<std::uint8_t, 256> memory_{};
    std::uint8_t pointer_ = 0; // wraps at 256, as the memory
    faulty::order order_{};
    faulty::account account_{};
};

wires& adapter()
{
    static wires all;
    return all;
}

std::size_t size_of(const std::vector<iovec>& parts)
{
    std::size_t sum = 0;
    for (const auto& part : parts)
        sum += part.iov_len;
    return sum;
}

/// ioctl(I2C_RDWR). The kernel hands over only the memory that we name, and its places are known one after
/// another: each time that more is needed we ask for all of it, and are called again.
void transfer(fuse_req_t request, void* arg, const char* in, std::size_t in_size, std::size_t out_size)
{
    std::vector<iovec> from{{arg, sizeof(i2c_rdwr_ioctl_data)}};
    std::vector<iovec> to;
    const auto ask = [&] { fuse_reply_ioctl_retry(request, from.data(), from.size(), to.data(), to.size()); };
    if (in_size < size_of(from))
        return ask();

    i2c_rdwr_ioctl_data asked{};
    std::memcpy(&asked, in, sizeof asked);
    if (asked.nmsgs == 0 || asked.nmsgs > I2C_RDWR_IOCTL_MAX_MSGS) {
        fuse_reply_err(request, EINVAL);
        return;
    }
    from.push_back({asked.msgs, asked.nmsgs * sizeof(i2c_msg)});
    if (in_size < size_of(from))
        return ask();

    std::vector<i2c_msg> messages(asked.nmsgs);
    std::memcpy(messages.data(), in + sizeof asked, asked.nmsgs * sizeof(i2c_msg));
    std::size_t position = size_of(from);
    for (const auto& message : messages) {
        if (message.len > 8192) {
            fuse_reply_err(request, EINVAL);
            return;
        }
        if (message.len != 0)
            ((message.flags & I2C_M_RD) != 0 ? to : from).push_back({message.buf, message.len});
    }
    if (in_size < size_of(from) || out_size < size_of(to))
        return ask();

    std::vector<std::vector<std::uint8_t>> data;
    for (const auto& message : messages) {
        auto& bytes = data.emplace_back(message.len);
        if ((message.flags & I2C_M_RD) == 0) {
            std::memcpy(bytes.data(), in + position, bytes.size());
            position += bytes.size();
        }
    }
    const int done = adapter().transfer(messages, data);
    if (done < 0) {
        fuse_reply_err(request, -done);
        return;
    }
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if ((messages[i].flags & I2C_M_RD) != 0)
            out.insert(out.end(), data[i].begin(), data[i].end());
    }
    fuse_reply_ioctl(request, done, out.data(), out.size());
}

void answer_ioctl(fuse_req_t request, int command, void* arg, fuse_file_info* /*file*/, unsigned /*flags*/,
                  const void* in, std::size_t in_size, std::size_t out_size)
{
    switch (static_cast<unsigned>(command)) {
    case I2C_FUNCS: {
        const unsigned long functionality = I2C_FUNC_I2C;
        iovec to{arg, sizeof functionality};
        if (out_size == 0)
            fuse_reply_ioctl_retry(request, nullptr, 0, &to, 1);
        else
            fuse_reply_ioctl(request, 0, &functionality, sizeof functionality);
        return;
    }
    case I2C_SLAVE: {
        const int answer = adapter().ask_owner(reinterpret_cast<unsigned long>(arg)); // a number, not a place
        if (answer < 0)
            fuse_reply_err(request, -answer);
        else
            fuse_reply_ioctl(request, 0, nullptr, 0);
        return;
    }
    case I2C_RDWR:
        transfer(request, arg, static_cast<const char*>(in), in_size, out_size);
        return;
    default:
        fuse_reply_err(request, ENOTTY);
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fputs("usage: faulty_adapter i2c-N\n", stderr);
        return 64;
    }
    std::string node = std::string{"DEVNAME="} + argv[1];
    const char* facts[] = {node.c_str()};
    cuse_info info{};
    info.dev_info_argc = 1;
    info.dev_info_argv = facts;
    info.flags = CUSE_UNRESTRICTED_IOCTL; // the numbers of these ioctls do not say what they pass
    cuse_lowlevel_ops calls{};
    calls.open = [](fuse_req_t request, fuse_file_info* file) { fuse_reply_open(request, file); };
    calls.ioctl = answer_ioctl;
    std::array<char, 3> foreground{"-f"};
    std::array<char, 3> one_thread{"-s"};
    std::array<char*, 3> options{argv[0], foreground.data(), one_thread.data()};
    return cuse_lowlevel_main(options.size(), options.data(), &info, &calls, nullptr);
}
