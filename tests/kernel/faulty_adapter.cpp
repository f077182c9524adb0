// An I2C adapter that fails on demand, as a program (CUSE: character devices in user space):
//   faulty_adapter i2c-9 [--smbus-only]
// is /dev/i2c-9 until it is killed. Addresses and orders: faulty_adapter.hpp; nobody is at the other
// addresses (ENXIO). Of messages, an adapter for SMBus only takes no others than orders. Source of what is
// asked and answered: the kernel's drivers/i2c/i2c-dev.c.
#define FUSE_USE_VERSION 31

#include "faulty_wires.hpp"

#include <cuse_lowlevel.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <linux/i2c-dev.h>
#include <linux/i2c.h>

namespace {

struct adapter_state {
    faulty::wires wires;
    bool is_smbus_only = false;
    std::uint64_t files = 0;                         ///< opened so far
    std::map<std::uint64_t, std::uint16_t> selected; ///< by ioctl(I2C_SLAVE), for each open file
};

adapter_state& adapter()
{
    static adapter_state all;
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
/// another: each time that more is needed we ask for all of it, and are called again. One function, because
/// the kernel calls it again from its beginning.
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
    if (adapter().is_smbus_only && messages[0].addr != faulty::control) {
        fuse_reply_err(request, EOPNOTSUPP);
        return;
    }
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
    const int done = adapter().wires.transfer(messages, data);
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

/// How much of i2c_smbus_data an SMBus call uses; nothing for those that this adapter does not have.
std::optional<std::size_t> smbus_data_size(const i2c_smbus_ioctl_data& asked)
{
    switch (asked.size) {
    case I2C_SMBUS_QUICK:
        return 0;
    case I2C_SMBUS_BYTE:
        return asked.read_write == I2C_SMBUS_READ ? 1 : 0;
    case I2C_SMBUS_BYTE_DATA:
        return 1;
    case I2C_SMBUS_WORD_DATA:
        return 2;
    case I2C_SMBUS_I2C_BLOCK_DATA:
        return sizeof(i2c_smbus_data);
    default:
        return std::nullopt;
    }
}

/// The part of that, of this size, with the bytes that go over the wires.
std::span<std::uint8_t> payload(i2c_smbus_data& data, std::size_t size)
{
    if (size == sizeof data)
        return std::span{data.block}.subspan(1, std::min<std::size_t>(data.block[0], I2C_SMBUS_BLOCK_MAX));
    return std::span{data.block}.first(size); // the word's low byte first, as on the wires
}

/// Carries an SMBus call out as the messages that it is. Returns 0 or -errno.
int transfer_call(const i2c_smbus_ioctl_data& asked, std::uint16_t address, std::span<std::uint8_t> bytes)
{
    const bool is_read = asked.read_write == I2C_SMBUS_READ;
    std::vector<i2c_msg> messages;
    std::vector<std::vector<std::uint8_t>> data;
    if (!is_read || asked.size != I2C_SMBUS_BYTE) {
        messages.push_back({address, 0, 0, nullptr});
        auto& sent = data.emplace_back(asked.size == I2C_SMBUS_QUICK ? 0 : 1, asked.command);
        for (const auto byte : is_read ? bytes.first(0) : bytes)
            sent.push_back(byte);
    }
    if (is_read && asked.size != I2C_SMBUS_QUICK) {
        messages.push_back({address, I2C_M_RD, 0, nullptr});
        data.emplace_back(bytes.size());
    }
    const int done = adapter().wires.transfer(messages, data);
    if (done < 0)
        return done;
    if (static_cast<std::size_t>(done) != messages.size())
        return -EIO; // as i2c_smbus_xfer_emulated
    if (is_read)
        std::copy_n(data.back().begin(), bytes.size(), bytes.begin());
    return 0;
}

/// ioctl(I2C_SMBUS), asking for memory as above.
void smbus(fuse_req_t request, void* arg, std::uint16_t address, const char* in, std::size_t in_size,
           std::size_t out_size)
{
    std::vector<iovec> from{{arg, sizeof(i2c_smbus_ioctl_data)}};
    std::vector<iovec> to;
    const auto ask = [&] { fuse_reply_ioctl_retry(request, from.data(), from.size(), to.data(), to.size()); };
    if (in_size < size_of(from))
        return ask();

    i2c_smbus_ioctl_data asked{};
    std::memcpy(&asked, in, sizeof asked);
    const auto size = smbus_data_size(asked);
    if (!size) {
        fuse_reply_err(request, EOPNOTSUPP);
        return;
    }
    if (*size != 0) {
        from.push_back({asked.data, *size});
        if (asked.read_write == I2C_SMBUS_READ)
            to.push_back({asked.data, *size});
    }
    if (in_size < size_of(from) || out_size < size_of(to))
        return ask();

    i2c_smbus_data data{};
    std::memcpy(&data, in + sizeof asked, *size);
    const int error = transfer_call(asked, address, payload(data, *size));
    if (error != 0)
        fuse_reply_err(request, -error);
    else
        fuse_reply_ioctl(request, 0, &data, size_of(to));
}

void answer_ioctl(fuse_req_t request, int command, void* arg, fuse_file_info* file, unsigned /*flags*/,
                  const void* in, std::size_t in_size, std::size_t out_size)
{
    switch (static_cast<unsigned>(command)) {
    case I2C_FUNCS: {
        constexpr unsigned long smbus_calls = I2C_FUNC_SMBUS_QUICK | I2C_FUNC_SMBUS_BYTE |
                                              I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_WORD_DATA |
                                              I2C_FUNC_SMBUS_I2C_BLOCK;
        const unsigned long functionality = smbus_calls | (adapter().is_smbus_only ? 0 : I2C_FUNC_I2C);
        iovec to{arg, sizeof functionality};
        if (out_size == 0)
            fuse_reply_ioctl_retry(request, nullptr, 0, &to, 1);
        else
            fuse_reply_ioctl(request, 0, &functionality, sizeof functionality);
        return;
    }
    case I2C_SLAVE: {
        const auto address = reinterpret_cast<unsigned long>(arg); // a number, not a place
        const int answer = adapter().wires.ask_owner(address);
        if (answer < 0) {
            fuse_reply_err(request, -answer);
            return;
        }
        adapter().selected[file->fh] = static_cast<std::uint16_t>(address);
        fuse_reply_ioctl(request, 0, nullptr, 0);
        return;
    }
    case I2C_RDWR:
        transfer(request, arg, static_cast<const char*>(in), in_size, out_size);
        return;
    case I2C_SMBUS:
        smbus(request, arg, adapter().selected[file->fh], static_cast<const char*>(in), in_size, out_size);
        return;
    default:
        fuse_reply_err(request, ENOTTY);
    }
}

} // namespace

int main(int argc, char** argv)
{
    adapter().is_smbus_only = argc == 3 && argv[2] == std::string_view{"--smbus-only"};
    if (argc != 2 && !adapter().is_smbus_only) {
        std::fputs("usage: faulty_adapter i2c-N [--smbus-only]\n", stderr);
        return 64;
    }
    std::string node = std::string{"DEVNAME="} + argv[1];
    const char* facts[] = {node.c_str()};
    cuse_info info{};
    info.dev_info_argc = 1;
    info.dev_info_argv = facts;
    info.flags = CUSE_UNRESTRICTED_IOCTL; // the numbers of these ioctls do not say what they pass
    cuse_lowlevel_ops calls{};
    calls.open = [](fuse_req_t request, fuse_file_info* file) {
        file->fh = ++adapter().files;
        fuse_reply_open(request, file);
    };
    calls.release = [](fuse_req_t request, fuse_file_info* file) {
        adapter().selected.erase(file->fh);
        fuse_reply_err(request, 0);
    };
    calls.ioctl = answer_ioctl;
    std::array<char, 3> foreground{"-f"};
    std::array<char, 3> one_thread{"-s"};
    std::array<char*, 3> options{argv[0], foreground.data(), one_thread.data()};
    return cuse_lowlevel_main(options.size(), options.data(), &info, &calls, nullptr);
}
