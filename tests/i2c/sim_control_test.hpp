#pragma once

#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"

#include <resourcelock/sim_control.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <system_error>

#include <linux/i2c.h>

/// A simulated bus, what drives it, and another process on it.
namespace test {

inline std::system_error refusal(const std::function<void()>& attempt)
{
    try {
        attempt();
    } catch (const std::system_error& error) {
        return error;
    }
    return std::system_error{std::error_code{}, "nothing thrown"};
}

/// A register of the ADS1115 that reads 80 00.
inline std::error_code try_read(resourcelock::i2c_bus& bus)
{
    std::error_code error;
    bytes into(2);
    bus.write_read(ads1115, {0x02}, into, error);
    return error;
}

class sim_control_test : public testing::Test {
protected:
    /// Which of so many transactions fail, as a line of 'x' and '.'.
    std::string failures(int count)
    {
        std::string line;
        for (int i = 0; i < count; ++i)
            line += try_read(bus_) ? 'x' : '.';
        return line;
    }

    sim_name sim_;
    resourcelock::i2c_bus bus_{sim_.bus(), {.retry = resourcelock::i2c_retry::none()}}; // sees every fault
    resourcelock::sim_control control_{sim_.bus()};
};

/// Does what it is told on the bus, with a lock of its own or the common one.
inline const role program{"sim_control.program", [](const std::vector<std::string>& args) {
                              resourcelock::i2c_bus bus{
                                  args.at(0),
                                  {.lock_name = args.at(1), .retry = resourcelock::i2c_retry::none()}};
                              say("open");
                              while (const auto order = hear()) {
                                  if (order == "functionality") {
                                      say((bus.functionality() & I2C_FUNC_I2C) == 0 ? "smbus only" : "i2c");
                                  } else if (order == "seconds") {
                                      say(std::to_string(read_registers(bus, ds3231, 0, 1).at(0)));
                                  } else {
                                      const auto error = try_read(bus);
                                      say(error ? std::to_string(error.value()) : "read");
                                  }
                              }
                              return 0;
                          }};

inline std::string ask(child& other, const std::string& order)
{
    other.tell(order);
    return other.line().value_or("nothing");
}

} // namespace test
