#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;

bytes read_word(i2c_bus& bus, std::uint8_t number) { return read_registers(bus, tmp105, number, 2); }

TEST(tmp105, is_21_and_a_half_degrees_warm)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(read_word(bus, 0), (bytes{0x15, 0x80}));
    bus.write(tmp105, {0x00, 0x12, 0x34});
    EXPECT_EQ(read_word(bus, 0), (bytes{0x15, 0x80})) << "read-only";
}

TEST(tmp105, registers_start_and_change_as_the_datasheet_says)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(read_registers(bus, tmp105, 1, 1), bytes{0x00});
    EXPECT_EQ(read_word(bus, 2), (bytes{0x4b, 0x00}));
    EXPECT_EQ(read_word(bus, 3), (bytes{0x50, 0x00}));
    bus.write(tmp105, {0x01, 0x61});
    bus.write(tmp105, {0x02, 0x12, 0x3f});
    bus.write(tmp105, {0x03, 0x45, 0x67});
    EXPECT_EQ(read_registers(bus, tmp105, 1, 1), bytes{0x61});
    EXPECT_EQ(read_word(bus, 2), (bytes{0x12, 0x30})) << "12 bits";
    EXPECT_EQ(read_word(bus, 3), (bytes{0x45, 0x60}));
    bus.write(tmp105, {0x03, 0x99});
    EXPECT_EQ(read_word(bus, 3), (bytes{0x45, 0x60})) << "half a register is not written";
}

TEST(tmp105, the_pointer_stays_where_the_last_write_put_it)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(tmp105, {0x03});
    EXPECT_EQ(read_bytes(bus, tmp105, 2), (bytes{0x50, 0x00}));
    EXPECT_EQ(read_bytes(bus, tmp105, 2), (bytes{0x50, 0x00}));
}

} // namespace
