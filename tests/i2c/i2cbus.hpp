#pragma once

#include "made_up_machine.hpp"
#include "outcome.hpp"
#include "sim_name.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// The program i2cbus as a process: on simulated buses, and on a machine that is made up, with a /sys of the
/// test's own in a mount namespace and nodes that no driver answers. What needs a kernel with I2C is in
/// tests/kernel/suites.
namespace test::i2cbus {

inline outcome run(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), I2CBUS);
    return test::run(arguments);
}

/// The program where /sys is that of the made-up machine.
inline outcome run_on(const made_up_machine& pi, const std::vector<std::string>& arguments)
{
    std::vector<std::string> command{"unshare", "-m",  "sh", "-c", R"(mount --bind "$0" /sys && exec "$@")",
                                     pi.sys(),  I2CBUS};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run(command);
}

inline bool can_mount() { return test::run({"unshare", "-m", "true"}).exit_code == 0; }

/// Simulated buses are on view once somebody has sent something.
inline void use(const sim_name& sim) { resourcelock::i2c_bus{sim.bus()}.write_quick(0x48, false); }

/// A process that holds the bus, from before this returns.
inline child holder_of(const sim_name& sim)
{
    auto holder = child::of({I2CBUS, "run", sim.bus(), "--", "sh", "-c", "echo held; exec sleep 100"});
    EXPECT_EQ(holder.line(), "held");
    return holder;
}

} // namespace test::i2cbus
