#pragma once

#include "faulty_adapter.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace faulty {

constexpr auto bus_name = "/dev/i2c-9";
constexpr auto smbus_bus_name = "/dev/i2c-8"; ///< the same, for SMBus only

/// Orders faults, beside the library. Ends them when it goes.
class fault_control {
public:
    explicit fault_control(const char* bus) : node_{open(bus, O_RDWR | O_CLOEXEC)}
    {
        if (node_ < 0)
            throw std::system_error{errno, std::system_category(), bus};
    }
    fault_control(const fault_control&) = delete;
    fault_control& operator=(const fault_control&) = delete;
    ~fault_control()
    {
        try {
            order({});
        } catch (const std::system_error&) { // it is as it is
        }
        close(node_);
    }

    void order(const faulty::order& what)
    {
        std::array<std::uint8_t, sizeof what> bytes{};
        std::memcpy(bytes.data(), &what, sizeof what);
        transfer(0, bytes);
    }

    faulty::account account()
    {
        faulty::account found{};
        std::array<std::uint8_t, sizeof found> bytes{};
        transfer(I2C_M_RD, bytes);
        std::memcpy(&found, bytes.data(), sizeof found);
        return found;
    }

private:
    void transfer(std::uint16_t flags, std::span<std::uint8_t> bytes) const
    {
        i2c_msg message{control, flags, static_cast<std::uint16_t>(bytes.size()), bytes.data()};
        i2c_rdwr_ioctl_data request{&message, 1};
        if (ioctl(node_, I2C_RDWR, &request) != 1)
            throw std::system_error{errno, std::system_category(), "the adapter that fails on demand"};
    }

    int node_;
};

} // namespace faulty
