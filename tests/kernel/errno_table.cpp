// What an adapter answers to everything that can go wrong, and what the library makes of it:
//   errno_table ADAPTER BUS DEVICE [OWNED]
//   errno_table --injected
// ADAPTER is its name for people, DEVICE the address of a device with registers, OWNED that of one that a
// driver of the kernel has. With --injected it asks the adapters that fail on demand. Prints a line of JSON
// for each case: each is put to the kernel (ioctl) and to the library. The page docs/errors.md is made of
// these lines (errors_page.py).
#include "fault_control.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

using resourcelock::i2c_address;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_flag;
using resourcelock::i2c_message;

namespace {

constexpr int absent = 0x33;

/// In the order of the enumeration.
constexpr std::array conditions{
    "no_acknowledge", "arbitration_lost", "timed_out",    "bus_busy",     "address_in_use",  "not_supported",
    "corrupt",        "bad_protocol",     "io_error",     "bus_gone",     "bad_bus",         "bad_address",
    "bad_length",     "too_long",         "bad_argument", "lock_timeout", "not_as_scripted", "hold_lost"};
static_assert(static_cast<int>(i2c_errc::hold_lost) == conditions.size());

/// A device node without the library.
class bare_bus {
public:
    explicit bare_bus(const std::string& path) : node_{open(path.c_str(), O_RDWR | O_CLOEXEC)}
    {
        if (node_ < 0)
            throw std::system_error{errno, std::system_category(), path};
    }
    bare_bus(const bare_bus&) = delete;
    bare_bus& operator=(const bare_bus&) = delete;
    ~bare_bus() { close(node_); }

    /// 0 or an errno.
    [[nodiscard]] int transfer(std::vector<i2c_msg> messages) const
    {
        i2c_rdwr_ioctl_data request{messages.data(), static_cast<std::uint32_t>(messages.size())};
        return ioctl(node_, I2C_RDWR, &request) < 0 ? errno : 0;
    }

    [[nodiscard]] int smbus(int address, bool is_read, std::uint8_t command, int size, bool pec = false) const
    {
        i2c_smbus_data data{};
        data.block[0] = 1;
        i2c_smbus_ioctl_data request{static_cast<std::uint8_t>(is_read), command,
                                     static_cast<std::uint32_t>(size), &data};
        if (ioctl(node_, I2C_SLAVE_FORCE, address) != 0 || ioctl(node_, I2C_PEC, pec ? 1 : 0) != 0)
            return errno;
        return ioctl(node_, I2C_SMBUS, &request) < 0 ? errno : 0;
    }

private:
    int node_;
};

std::string name_of(int number)
{
    const char* const name = number == 0 ? "ok" : strerrorname_np(number);
    return name == nullptr ? std::to_string(number) : name;
}

/// The condition that an error has, and the library's words for it.
void add_meaning(nlohmann::ordered_json& line, std::error_code error)
{
    line["library"] = error ? error.message() : "ok";
    for (std::size_t i = 0; error && i < conditions.size(); ++i) {
        const auto condition = static_cast<i2c_errc>(i + 1);
        if (error == condition) {
            line["library"] = conditions[i];
            line["says"] = resourcelock::i2c_category().message(static_cast<int>(i + 1));
        }
    }
}

class table {
public:
    table(std::string adapter, const std::string& bus)
        : adapter_{std::move(adapter)}, bus_{bus}, kernel_{bus_.name()}
    {}

    /// A case that both take as messages; `kernel` are the same ones.
    void add(const char* name, const std::vector<i2c_message>& messages, std::vector<i2c_msg> kernel)
    {
        std::error_code error;
        const int answer = kernel_.transfer(std::move(kernel));
        bus_.transfer(messages, error);
        print(name, answer, error);
    }

    /// A case for a call of each.
    void add(const char* name, const std::function<int(bare_bus&)>& kernel,
             const std::function<void(i2c_bus&, std::error_code&)>& library)
    {
        std::error_code error;
        const int answer = kernel(kernel_);
        library(bus_, error);
        print(name, answer, error);
    }

private:
    void print(const char* name, int answer, std::error_code error) const
    {
        nlohmann::ordered_json line{{"adapter", adapter_}, {"case", name}, {"kernel", name_of(answer)}};
        add_meaning(line, error);
        std::puts(line.dump().c_str());
    }

    std::string adapter_;
    i2c_bus bus_;
    bare_bus kernel_;
};

i2c_msg kernel_write(int address, std::vector<std::uint8_t>& bytes, std::uint16_t flags = 0)
{
    return {static_cast<std::uint16_t>(address), flags, static_cast<std::uint16_t>(bytes.size()),
            bytes.data()};
}

i2c_msg kernel_read(int address, std::vector<std::uint8_t>& bytes, std::uint16_t flags = 0)
{
    return kernel_write(address, bytes, static_cast<std::uint16_t>(flags | I2C_M_RD));
}

void nobody_there(table& cases)
{
    std::vector<std::uint8_t> byte(1);
    std::vector<std::uint8_t> pair(2);
    cases.add("write, nobody at the address", {i2c_message::write(absent, byte)},
              {kernel_write(absent, byte)});
    cases.add("read, nobody at the address", {i2c_message::read(absent, pair)}, {kernel_read(absent, pair)});
    cases.add("write and read, nobody at the address",
              {i2c_message::write(absent, byte), i2c_message::read(absent, pair)},
              {kernel_write(absent, byte), kernel_read(absent, pair)});
    cases.add(
        "SMBus: read a byte, nobody at the address",
        [](bare_bus& kernel) { return kernel.smbus(absent, true, 0, I2C_SMBUS_BYTE_DATA); },
        [](i2c_bus& bus, std::error_code& error) { std::ignore = bus.read_byte_data(absent, 0, error); });
    cases.add(
        "SMBus: quick write, nobody at the address",
        [](bare_bus& kernel) { return kernel.smbus(absent, false, 0, I2C_SMBUS_QUICK); },
        [](i2c_bus& bus, std::error_code& error) { bus.write_quick(absent, false, error); });
}

void several_messages(table& cases, int device)
{
    std::vector<std::uint8_t> byte(1);
    std::vector<std::uint8_t> pair(2);
    std::vector<std::uint8_t> other(2);
    cases.add("write and read", {i2c_message::write(device, byte), i2c_message::read(device, pair)},
              {kernel_write(device, byte), kernel_read(device, pair)});
    cases.add("two reads in one transfer",
              {i2c_message::read(device, pair), i2c_message::read(device, other)},
              {kernel_read(device, pair), kernel_read(device, other)});
    cases.add(
        "write, read, write in one transfer",
        {i2c_message::write(device, byte), i2c_message::read(device, pair), i2c_message::write(device, byte)},
        {kernel_write(device, byte), kernel_read(device, pair), kernel_write(device, byte)});
    std::vector<i2c_message> many(43, i2c_message::write(device, byte));
    cases.add("43 messages", many, std::vector<i2c_msg>(43, kernel_write(device, byte)));
    cases.add("no message", std::vector<i2c_message>{}, std::vector<i2c_msg>{});
}

void lengths(table& cases, int device)
{
    std::vector<std::uint8_t> none;
    std::vector<std::uint8_t> pair(2);
    std::vector<std::uint8_t> huge(8193);
    cases.add("0 bytes written, then a read",
              {i2c_message::write(device, none), i2c_message::read(device, pair)},
              {kernel_write(device, none), kernel_read(device, pair)});
    cases.add("8193 bytes in a message", {i2c_message::write(device, huge)}, {kernel_write(device, huge)});
}

void deviations(table& cases, int device)
{
    std::vector<std::uint8_t> byte(1);
    std::vector<std::uint8_t> block(33);
    block[0] = 1;
    cases.add("flag: ignore a missing acknowledge, nobody at the address",
              {i2c_message::write(absent, byte).with(i2c_flag::ignore_nak)},
              {kernel_write(absent, byte, I2C_M_IGNORE_NAK)});
    cases.add("flag: no repeated start",
              {i2c_message::write(device, byte), i2c_message::write(device, byte).with(i2c_flag::no_start)},
              {kernel_write(device, byte), kernel_write(device, byte, I2C_M_NOSTART)});
    cases.add("a 10-bit address", {i2c_message::write(i2c_address::ten_bit(device), byte)},
              {kernel_write(device, byte, I2C_M_TEN)});
    cases.add(
        "address 0x80", [&](bare_bus& kernel) { return kernel.transfer({kernel_write(0x80, byte)}); },
        [&](i2c_bus& bus, std::error_code& error) { bus.write(0x80, byte, error); });
    std::vector<std::uint8_t> kernel_block(1 + I2C_SMBUS_BLOCK_MAX);
    kernel_block[0] = 1; // where the kernel looks for the bytes before the block: its length
    cases.add("a block whose length the device tells",
              {i2c_message::write(device, byte), i2c_message::read_block(device, block)},
              {kernel_write(device, byte), kernel_read(device, kernel_block, I2C_M_RECV_LEN)});
    cases.add(
        "SMBus: a word with a checksum (PEC) from a device that has none",
        [=](bare_bus& kernel) { return kernel.smbus(device, true, 3, I2C_SMBUS_WORD_DATA, true); },
        [=](i2c_bus& bus, std::error_code& error) {
            std::ignore = bus.read_word_data(i2c_address{device}.with_pec(), 3, error);
        });
}

void owned_address(table& cases, int address)
{
    std::vector<std::uint8_t> pair(2);
    cases.add("the address of a kernel driver's device", {i2c_message::read(address, pair)},
              {kernel_read(address, pair)});
}

/// Each errno that an adapter's driver may answer with, and how often the library then asks. `as` is what
/// this bus gets: messages or SMBus calls.
void injected_faults(const char* bus_name, const char* as)
{
    faulty::fault_control control{bus_name};
    i2c_bus bus{bus_name};
    std::vector<std::uint8_t> byte(1);
    for (const int number : {EAGAIN, ENXIO, EREMOTEIO, ETIMEDOUT, EBUSY, EPROTO, EBADMSG, EIO, EOPNOTSUPP,
                             EINVAL, ENODEV, ENOMEM, EPERM, EINTR}) {
        control.order({.error = static_cast<std::uint8_t>(number), .count = 255});
        std::error_code error;
        bus.write(faulty::memory, byte, error);
        nlohmann::ordered_json line{{"injected", name_of(number)}, {"as", as}};
        add_meaning(line, error);
        line["tries"] = control.account().transfers;
        std::puts(line.dump().c_str());
    }
}

} // namespace

int main(int argc, char** argv)
{
    const bool is_injected = argc == 2 && argv[1] == std::string_view{"--injected"};
    if (argc != 4 && argc != 5 && !is_injected) {
        std::fputs("usage: errno_table ADAPTER BUS DEVICE [OWNED]\n"
                   "       errno_table --injected\n",
                   stderr);
        return 64;
    }
    try {
        if (is_injected) {
            injected_faults(faulty::bus_name, "messages");
            injected_faults(faulty::smbus_bus_name, "SMBus");
            return 0;
        }
        table cases{argv[1], argv[2]};
        const int device = static_cast<int>(std::strtol(argv[3], nullptr, 0));
        nobody_there(cases);
        several_messages(cases, device);
        lengths(cases, device);
        deviations(cases, device);
        if (argc == 5)
            owned_address(cases, static_cast<int>(std::strtol(argv[4], nullptr, 0)));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "errno_table: %s\n", error.what());
        return 1;
    }
}
