// The code about drivers in README.md.
#include "sim_name.hpp"

#include <resourcelock/i2c_device.hpp>
#include <resourcelock/i2c_mux.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>

TEST(readme_page, what_drivers_need)
{
    const test::sim_name sim;
    resourcelock::i2c_bus bus{sim.bus()};

    resourcelock::i2c_device clock{bus, 0x68};
    clock.update_bits<std::uint8_t>(0x0f, 0x80, 0x00);
    EXPECT_EQ(clock.read<std::uint8_t>(0x0f) & 0x80, 0) << "the oscillator's stop flag is cleared";

    double celsius = bus.in_session([&](resourcelock::i2c_session& session) {
        session.write(0x49, {0x00});
        std::array<std::uint8_t, 2> word{};
        session.read(0x49, word);
        return static_cast<std::int16_t>(word[0] << 8 | word[1]) / 256.0;
    });
    EXPECT_EQ(celsius, 21.5);

    resourcelock::i2c_device adc{bus, 0x48};
    int code = adc.split_phase(
        [](auto& session) {
            session.write(0x48, {0x01, 0xc5, 0x83});
        },
        std::chrono::milliseconds{8}, [&](auto&) { return adc.read<std::uint16_t>(0x00); });
    EXPECT_EQ(code, 4800) << "0.3 V in steps of 62.5 uV";

    resourcelock::i2c_mux mux{bus, 0x70};
    auto id = mux.on_channel(3, [&](auto&) {
        return resourcelock::i2c_device{bus, 0x76}.read<std::uint8_t>(0xd0);
    });
    EXPECT_EQ(id, 0x60);
}
