// No device of a simulated bus has a temperature that needs more than 9 bits.
#include "sim_tmp105.hpp"

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace std::chrono_literals;
using resourcelock::sim::instant;
using resourcelock::sim::nanoseconds;
using resourcelock::sim::tmp105;

int temperature(tmp105& device, instant now)
{
    device.write(std::array<std::uint8_t, 1>{0}, now);
    std::array<std::uint8_t, 2> into{};
    device.read(into, now);
    return into[0] << 8 | into[1];
}

void configure(tmp105& device, std::uint8_t value, instant now)
{
    device.write(std::array<std::uint8_t, 2>{1, value}, now);
}

constexpr std::int16_t warm = 21 * 16 + 15; // 21.9375 degrees

TEST(tmp105_resolution, has_9_bits_at_power_on)
{
    tmp105 device{warm};
    EXPECT_EQ(temperature(device, 0), 0x1580);
}

TEST(tmp105_resolution, is_there_after_its_conversion_time)
{
    const struct {
        std::uint8_t config;
        std::chrono::microseconds duration;
        int result;
    } cases[] = {{0x20, 55ms, 0x15c0}, {0x40, 110ms, 0x15e0}, {0x60, 220ms, 0x15f0}};
    for (const auto& [config, duration, result] : cases) {
        tmp105 device{warm};
        configure(device, config, 0);
        EXPECT_EQ(temperature(device, nanoseconds(duration) - 1), 0x1580);
        EXPECT_EQ(temperature(device, nanoseconds(duration)), result);
        configure(device, 0x00, nanoseconds(1s));
        EXPECT_EQ(temperature(device, nanoseconds(1s + 27ms)), result);
        EXPECT_EQ(temperature(device, nanoseconds(1s + 28ms)), 0x1580);
    }
}

TEST(tmp105_resolution, does_not_change_while_it_is_shut_down_but_by_a_one_shot)
{
    tmp105 device{warm};
    configure(device, 0x61, 0);
    EXPECT_EQ(temperature(device, nanoseconds(1s)), 0x1580);
    configure(device, 0xe1, nanoseconds(1s));
    EXPECT_EQ(temperature(device, nanoseconds(2s)), 0x15f0);
}

TEST(tmp105_resolution, below_zero_it_rounds_down)
{
    tmp105 device{-1}; // -0.0625 degrees
    EXPECT_EQ(temperature(device, 0), 0xff80);
    configure(device, 0x60, 0);
    EXPECT_EQ(temperature(device, nanoseconds(1s)), 0xfff0);
}

} // namespace
