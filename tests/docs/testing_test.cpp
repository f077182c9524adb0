// The code of docs/testing.md.
#include <resourcelock/i2c_device.hpp>
#include <resourcelock/playback_bus.hpp>
#include <resourcelock/sim_control.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string>

#include <unistd.h>

#include "testing.2.inc"

using namespace std::chrono_literals;
using namespace resourcelock;

namespace {

#include "testing.1.inc"

#include "testing.3.inc"

TEST(a_new_device, acknowledges_and_has_one_line_at_ground)
{
    sim::pcf8574 port;
    std::array<std::uint8_t, 1> byte{0xff};
    EXPECT_TRUE(port.write(byte, {}));
    EXPECT_TRUE(port.read(byte, {}));
    EXPECT_EQ(byte[0], 0xfe);
    byte[0] = 0x0f;
    EXPECT_TRUE(port.write(byte, {}));
    EXPECT_TRUE(port.read(byte, {}));
    EXPECT_EQ(byte[0], 0x0e);
}

} // namespace
