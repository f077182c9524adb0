#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;

TEST(at24c32, a_new_chip_is_erased)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(read_memory(bus, 0, 4096), bytes(4096, 0xff));
}

TEST(at24c32, what_was_written_is_read_back_by_another_object)
{
    const sim_name sim;
    {
        i2c_bus bus{sim.bus()};
        write_memory(bus, 0x0123, {1, 2, 3});
        std::this_thread::sleep_for(5ms);
    }
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(read_memory(bus, 0x0122, 5), (bytes{0xff, 1, 2, 3, 0xff}));
}

TEST(at24c32, nothing_is_acknowledged_during_the_write_cycle)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const auto early = faster_than(5ms, [&] {
        write_memory(bus, 0, {0x42});
        bytes into(1);
        std::error_code read_error;
        std::error_code write_error;
        bus.read(at24c32, into, read_error);
        bus.write(at24c32, {0x00, 0x00}, write_error);
        return std::pair{read_error, write_error};
    });
    EXPECT_EQ(early.first, i2c_errc::no_acknowledge);
    EXPECT_EQ(early.second, i2c_errc::no_acknowledge);
}

TEST(at24c32, the_write_cycle_takes_5_ms)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const auto start = std::chrono::steady_clock::now();
    write_memory(bus, 0, {0x42});
    write_memory(bus, 0, {});
    EXPECT_GE(std::chrono::steady_clock::now() - start, 5ms);
    EXPECT_EQ(read_bytes(bus, at24c32, 1), bytes{0x42});
}

TEST(at24c32, a_write_wraps_within_its_page)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    write_memory(bus, 32 + 30, {1, 2, 3, 4});
    std::this_thread::sleep_for(5ms);
    EXPECT_EQ(read_memory(bus, 32 + 30, 2), (bytes{1, 2}));
    EXPECT_EQ(read_memory(bus, 32, 3), (bytes{3, 4, 0xff})) << "the beginning of the same page";
    EXPECT_EQ(read_memory(bus, 64, 2), (bytes{0xff, 0xff})) << "not the next page";
}

TEST(at24c32, more_than_a_page_overwrites_its_own_beginning)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes data(40);
    std::iota(data.begin(), data.end(), std::uint8_t{0});
    write_memory(bus, 0, data);
    std::this_thread::sleep_for(5ms);
    bytes expected(32);
    std::iota(expected.begin(), expected.end(), std::uint8_t{0});
    std::iota(expected.begin(), expected.begin() + 8, std::uint8_t{32});
    EXPECT_EQ(read_memory(bus, 0, 32), expected);
}

TEST(at24c32, reading_goes_on_where_it_ended_and_wraps_at_the_end_of_the_chip)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    write_memory(bus, 4094, {7, 8});
    std::this_thread::sleep_for(5ms);
    write_memory(bus, 0, {9});
    std::this_thread::sleep_for(5ms);
    EXPECT_EQ(read_memory(bus, 4094, 1), bytes{7});
    EXPECT_EQ(read_bytes(bus, at24c32, 2), (bytes{8, 9}));
    EXPECT_EQ(read_bytes(bus, at24c32, 1), bytes{0xff});
}

TEST(at24c32, setting_the_position_writes_nothing_and_stays_acknowledged)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(at24c32, {0xf0, 0x05}); // address bits above the twelfth do not count
    bus.write(at24c32, {0x01});       // half a position
    EXPECT_EQ(read_bytes(bus, at24c32, 4096), bytes(4096, 0xff));
}

TEST(at24c32, a_read_behind_a_write_in_one_transfer_meets_the_write_cycle)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes into(1);
    std::error_code error;
    bus.write_read(at24c32, {0x00, 0x00, 0x42}, into, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
}

} // namespace
