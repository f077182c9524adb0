// What a transaction on i2c_bus costs beside the bare ioctl that it consists of. Both in turns in one run:
//   bus_bench BUS ADDRESS
// reads two bytes of register 0. Prints one line of JSON with medians in nanoseconds.
#include <resourcelock/i2c_bus.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

constexpr int rounds = 30;
constexpr int transactions_per_round = 30;

class bare_bus {
public:
    explicit bare_bus(const std::string& path) : file_{open(path.c_str(), O_RDWR | O_CLOEXEC)}
    {
        if (file_ < 0)
            throw std::system_error{errno, std::generic_category(), path};
    }
    bare_bus(const bare_bus&) = delete;
    bare_bus& operator=(const bare_bus&) = delete;
    ~bare_bus() { close(file_); }

    void read(int address) const
    {
        std::uint8_t number = 0;
        std::array<std::uint8_t, 2> into{};
        const auto to = static_cast<std::uint16_t>(address);
        std::array<i2c_msg, 2> messages{i2c_msg{to, 0, 1, &number}, i2c_msg{to, I2C_M_RD, 2, into.data()}};
        i2c_rdwr_ioctl_data request{messages.data(), messages.size()};
        if (ioctl(file_, I2C_RDWR, &request) != 2)
            throw std::system_error{errno, std::generic_category(), "I2C_RDWR"};
    }

private:
    int file_;
};

template <class Transaction>
double nanoseconds_of_one(Transaction transaction)
{
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < transactions_per_round; ++i)
        transaction();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    return took.count() / transactions_per_round;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: bus_bench BUS ADDRESS\n", stderr);
        return 64;
    }
    try {
        resourcelock::i2c_bus bus{argv[1]};
        const bare_bus bare{bus.name()};
        const int address = static_cast<int>(std::strtol(argv[2], nullptr, 0));
        std::array<std::uint8_t, 2> into{};
        std::vector<double> of_ioctl;
        std::vector<double> of_bus;
        std::vector<double> in_session;
        for (int i = 0; i < rounds; ++i) {
            of_ioctl.push_back(nanoseconds_of_one([&] { bare.read(address); }));
            of_bus.push_back(nanoseconds_of_one([&] { bus.write_read(address, {0}, into); }));
            const auto session = bus.session();
            in_session.push_back(nanoseconds_of_one([&] { bus.write_read(address, {0}, into); }));
        }
        const nlohmann::ordered_json line{{"ioctl", median(of_ioctl)},
                                          {"i2c_bus", median(of_bus)},
                                          {"in_a_session", median(in_session)},
                                          {"i2c_bus_to_ioctl", median(of_bus) / median(of_ioctl)}};
        std::puts(line.dump().c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bus_bench: %s\n", error.what());
        return 1;
    }
}
