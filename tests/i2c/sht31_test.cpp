#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;

const bytes reading{0x66, 0x66, 0x93, 0x80, 0x00, 0xa2}; // 25.0 degrees C, 50 %, each with its CRC

std::error_code try_read(i2c_bus& bus, std::span<std::uint8_t> into)
{
    std::error_code error;
    bus.read(sht31, into, error);
    return error;
}

TEST(sht31, a_reading_is_there_after_its_time)
{
    struct {
        std::uint8_t repeatability;
        std::chrono::milliseconds duration;
    } const cases[] = {{0x00, 15ms}, {0x0b, 6ms}, {0x16, 4ms}};
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const auto& [repeatability, duration] : cases) {
        bytes into(6);
        const auto start = std::chrono::steady_clock::now();
        bus.write(sht31, {0x24, repeatability});
        while (try_read(bus, into) == i2c_errc::no_acknowledge) {
        }
        EXPECT_GE(std::chrono::steady_clock::now() - start, duration);
        EXPECT_EQ(into, reading);
    }
}

TEST(sht31, an_early_read_is_not_acknowledged_and_does_no_harm)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes into(6);
    const auto early = faster_than(15ms, [&] {
        bus.write(sht31, {0x24, 0x00});
        return try_read(bus, into);
    });
    EXPECT_EQ(early, i2c_errc::no_acknowledge);
    std::this_thread::sleep_for(15ms);
    EXPECT_FALSE(try_read(bus, into));
}

TEST(sht31, a_reading_can_be_read_once)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes into(6);
    EXPECT_EQ(try_read(bus, into), i2c_errc::no_acknowledge) << "nothing asked for";
    bus.write(sht31, {0x24, 0x16});
    std::this_thread::sleep_for(4ms);
    EXPECT_FALSE(try_read(bus, into));
    EXPECT_EQ(try_read(bus, into), i2c_errc::no_acknowledge);
}

TEST(sht31, a_second_start_restarts_the_conversion)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes into(6);
    const auto start = std::chrono::steady_clock::now();
    bus.write(sht31, {0x24, 0x00});
    std::this_thread::sleep_for(10ms);
    bus.write(sht31, {0x24, 0x00});
    while (try_read(bus, into) == i2c_errc::no_acknowledge) {
    }
    EXPECT_GE(std::chrono::steady_clock::now() - start, 25ms);
}

TEST(sht31, another_command_ends_the_conversion)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const bytes& command : {bytes{0x30, 0xa2}, bytes{0x30, 0x41}, bytes{0x12, 0x34}}) {
        bytes into(6);
        bus.write(sht31, {0x24, 0x16});
        bus.write(sht31, command);
        std::this_thread::sleep_for(5ms);
        EXPECT_EQ(try_read(bus, into), i2c_errc::no_acknowledge);
    }
}

TEST(sht31, the_status_tells_of_resets_and_of_unknown_commands)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const auto status = [&] {
        bytes into(3);
        bus.write_read(sht31, {0xf3, 0x2d}, into);
        return into[0] << 8 | into[1];
    };
    EXPECT_EQ(status(), 0x8010);
    bus.write(sht31, {0x30, 0x41});
    EXPECT_EQ(status(), 0x0000);
    bus.write(sht31, {0x12, 0x34});
    EXPECT_EQ(status(), 0x0002);
    bus.write(sht31, {0x30, 0xa2});
    EXPECT_EQ(status(), 0x8010);
}

TEST(sht31, fewer_or_more_bytes_than_it_has_can_be_read)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(sht31, {0x24, 0x16});
    std::this_thread::sleep_for(4ms);
    EXPECT_EQ(read_bytes(bus, sht31, 3), (bytes{0x66, 0x66, 0x93}));
    bus.write(sht31, {0x24, 0x16});
    std::this_thread::sleep_for(4ms);
    EXPECT_EQ(read_bytes(bus, sht31, 8), (bytes{0x66, 0x66, 0x93, 0x80, 0x00, 0xa2, 0xff, 0xff}));
}

} // namespace
