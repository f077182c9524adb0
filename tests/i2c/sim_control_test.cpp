// sim_control: the clock, the abilities and the counts of a simulated bus. Its faults: sim_faults_test.cpp.
// Long, because each call of the class has its tests.
#include "sim_control_test.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <limits>

#include <linux/i2c.h>
#include <sys/stat.h>

namespace {

using namespace test;
using resourcelock::i2c_address;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;
using resourcelock::sim_control;

TEST_F(sim_control_test, opens_what_a_bus_opens_and_refuses_what_it_refuses)
{
    for (const std::string name : {"sim:", "sim:a b", "sim:../a"}) {
        const auto error = refusal([&] { sim_control{name}; });
        EXPECT_EQ(error.code(), i2c_errc::bad_bus);
        EXPECT_STREQ(error.what(), refusal([&] { i2c_bus{name}; }).what());
    }
    for (const std::string name : {"", "1", "/dev/i2c-1", "SIM:a", "a\n"}) {
        const auto error = refusal([&] { sim_control{name}; });
        EXPECT_EQ(error.code(), i2c_errc::bad_bus) << name;
        EXPECT_NE(std::string{error.what()}.find("sim:NAME"), std::string::npos);
        EXPECT_EQ(refusal([&] { sim_control::remove(name); }).code(), i2c_errc::bad_bus);
    }
    std::ofstream{sim_.devices_path()} << "something else";
    EXPECT_EQ(refusal([&] { sim_control{sim_.bus()}; }).code(), std::errc::invalid_argument);
}

TEST_F(sim_control_test, can_be_there_before_the_bus)
{
    const sim_name sim;
    sim_control control{sim.bus()};
    control.add_fault({.error = EIO});
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(try_read(bus), i2c_errc::io_error);
}

TEST_F(sim_control_test, removes_all_files_of_a_bus_and_no_other)
{
    const sim_name gone;
    const auto touched = "/dev/shm/" + gone.lock() + ".touched";
    i2c_bus{gone.bus()};
    std::ofstream{touched} << "x";
    sim_control::remove(gone.bus());
    for (const auto& path : {gone.devices_path(), gone.info_path(), gone.semaphore_path(), touched})
        EXPECT_NE(access(path.c_str(), F_OK), 0) << path;
    EXPECT_EQ(access(sim_.devices_path().c_str(), F_OK), 0);
    sim_control::remove(gone.bus()); // nothing to do
}

TEST_F(sim_control_test, a_file_that_cannot_be_removed_is_an_error_that_names_it)
{
    const sim_name sim;
    ASSERT_EQ(mkdir(sim.devices_path().c_str(), 0700), 0);
    const auto error = refusal([&] { sim_control::remove(sim.bus()); });
    rmdir(sim.devices_path().c_str());
    EXPECT_TRUE(error.code());
    EXPECT_NE(std::string{error.what()}.find(sim.devices_path()), std::string::npos) << error.what();
}

TEST_F(sim_control_test, a_stopped_clock_stands_until_it_is_moved)
{
    bytes into(6);
    std::error_code error;
    control_.stop_clock();
    bus_.write(sht31, {0x24, 0x00});
    std::this_thread::sleep_for(16ms);
    bus_.read(sht31, into, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    control_.advance(15ms - 1ns);
    bus_.read(sht31, into, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    control_.stop_clock(); // again: changes nothing
    control_.advance(1ns);
    bus_.read(sht31, into, error);
    EXPECT_FALSE(error);
}

TEST_F(sim_control_test, a_started_clock_goes_on_from_where_it_stood)
{
    control_.stop_clock();
    bus_.write(ds3231, {0x00, 0x10, 0x00});
    control_.advance(5s);
    control_.start_clock();
    EXPECT_EQ(read_registers(bus_, ds3231, 0, 1), bytes{0x15});
    control_.advance(1min); // while it runs
    control_.start_clock(); // again: changes nothing
    EXPECT_EQ(read_registers(bus_, ds3231, 1, 1), bytes{0x01});
    bus_.write(sht31, {0x24, 0x16});
    std::this_thread::sleep_for(4ms);
    EXPECT_NO_THROW(read_bytes(bus_, sht31, 6));
}

TEST_F(sim_control_test, the_time_moves_forwards_only_and_ends_some_day)
{
    EXPECT_EQ(refusal([&] { control_.advance(-1ns); }).code(), std::errc::invalid_argument);
    EXPECT_EQ(refusal([&] { control_.advance(std::chrono::nanoseconds::max()); }).code(),
              std::errc::invalid_argument);
    control_.stop_clock();
    bus_.write(ds3231, {0x00, 0x10});
    EXPECT_EQ(read_registers(bus_, ds3231, 0, 1), bytes{0x10});
    control_.advance(std::chrono::hours{24 * 365 * 100});
    EXPECT_EQ(refusal([&] { control_.advance(std::chrono::hours{24 * 365 * 100}); }).code(),
              std::errc::invalid_argument);
    EXPECT_EQ(read_registers(bus_, ds3231, 0, 1), bytes{0x10});
}

TEST_F(sim_control_test, all_processes_have_the_same_time)
{
    control_.stop_clock();
    bus_.write(ds3231, {0x00, 0x00});
    auto other = child::in_role("sim_control.program", {sim_.bus(), ""});
    ASSERT_EQ(other.line(), "open");
    control_.advance(7s);
    EXPECT_EQ(ask(other, "seconds"), "7");
}

TEST_F(sim_control_test, counts_transactions_that_reached_the_bus)
{
    EXPECT_EQ(control_.transactions(), 0U);
    static_cast<void>(try_read(bus_));
    bus_.write_quick(ads1115);
    EXPECT_EQ(control_.transactions(), 2U);
    std::error_code error;
    bus_.write(absent, {0}, error);
    EXPECT_EQ(control_.transactions(), 3U) << "nobody answered, but it was sent";
    bus_.write(0x80, {0}, error);
    bytes into(1);
    bus_.transfer({i2c_message::read(ads1115, into), i2c_message::read(ads1115, into)}, error);
    EXPECT_EQ(control_.transactions(), 3U) << "refused before anything was sent";
}

TEST_F(sim_control_test, who_shares_the_lock_is_never_foreign)
{
    auto other = child::in_role("sim_control.program", {sim_.bus(), ""});
    ASSERT_EQ(other.line(), "open");
    static_cast<void>(try_read(bus_));
    ask(other, "read");
    {
        auto session = bus_.session();
        session.write(ads1115, {0x00});
        auto inner = bus_.session();
        inner.write(ads1115, {0x00});
    }
    {
        auto session = bus_.session();
        other.tell("read"); // waits
        session.write(ads1115, {0x00});
        session.write(ads1115, {0x00});
    }
    EXPECT_EQ(other.line(), "read");
    std::thread{[&] { static_cast<void>(try_read(bus_)); }}.join();
    EXPECT_EQ(control_.foreign_transactions(), 0U);
    EXPECT_EQ(control_.transactions(), 8U);
}

TEST_F(sim_control_test, who_has_another_lock_shows_in_the_transactions_behind)
{
    const sim_name other_lock;
    auto other = child::in_role("sim_control.program", {sim_.bus(), other_lock.lock()});
    ASSERT_EQ(other.line(), "open");
    auto session = bus_.session();
    session.write(ads1115, {0x00});
    EXPECT_EQ(control_.foreign_transactions(), 0U);
    EXPECT_EQ(ask(other, "read"), "read");
    EXPECT_EQ(control_.foreign_transactions(), 0U) << "it believes to hold the bus";
    session.write(ads1115, {0x00});
    EXPECT_EQ(control_.foreign_transactions(), 1U);
}

TEST_F(sim_control_test, who_ends_its_hold_leaves_that_of_another)
{
    const sim_name other_lock;
    i2c_bus elsewhere{sim_.bus(), {.lock_name = other_lock.lock()}};
    std::promise<void> began;
    std::promise<void> ended;
    bus_.lock();
    std::thread other{[&] {
        auto session = elsewhere.session();
        began.set_value();
        ended.get_future().wait();
        session.write(ads1115, {0x00});
    }};
    began.get_future().wait();
    bus_.unlock();
    ended.set_value();
    other.join();
    EXPECT_EQ(control_.foreign_transactions(), 0U);
}

/// Holds the bus until it is killed.
const role hold{"sim_control.hold", [](const std::vector<std::string>& args) {
                    i2c_bus bus{args.at(0)};
                    const auto session = bus.session();
                    say("held");
                    hear();
                    return 0;
                }};

TEST_F(sim_control_test, a_killed_holder_makes_nobody_foreign)
{
    auto victim = child::in_role("sim_control.hold", {sim_.bus()});
    ASSERT_EQ(victim.line(), "held");
    victim.kill();
    EXPECT_FALSE(try_read(bus_));
    EXPECT_EQ(control_.foreign_transactions(), 0U);
}

TEST_F(sim_control_test, functionality_holds_for_all_who_have_the_bus_open)
{
    auto other = child::in_role("sim_control.program", {sim_.bus(), ""});
    ASSERT_EQ(other.line(), "open");
    EXPECT_EQ(ask(other, "functionality"), "i2c");
    control_.set_functionality(I2C_FUNC_SMBUS_EMUL);
    EXPECT_EQ(ask(other, "functionality"), "smbus only");
    std::error_code error;
    bytes three(3);
    bus_.read(tmp105, three, error);
    EXPECT_EQ(error, i2c_errc::not_supported) << "no SMBus call reads several bytes without a command";
    EXPECT_EQ(bus_.read_word_data(tmp105, 0x00), 0x8015);
    EXPECT_FALSE(try_read(bus_)) << "messages that an SMBus call can stand for";
    control_.reset_functionality();
    EXPECT_EQ(ask(other, "functionality"), "i2c");
}

TEST_F(sim_control_test, functionality_has_32_bits)
{
    if constexpr (sizeof(unsigned long) > 4) {
        const auto too_much = std::numeric_limits<unsigned long>::max();
        EXPECT_EQ(refusal([&] { control_.set_functionality(too_much); }).code(), std::errc::invalid_argument);
    }
    control_.set_functionality(0xffffffff);
    std::error_code error;
    bus_.write_byte_data(i2c_address{ads1115}.with_pec(), 0x03, 1, error);
    EXPECT_EQ(error, i2c_errc::not_supported) << "no device knows a packet error code";
    bus_.write(i2c_address::ten_bit(ads1115), {0x00}, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge) << "nor has a 10-bit address";
}

TEST_F(sim_control_test, combined_reads_can_be_allowed)
{
    const bytes pointers[] = {{0x02}, {0x03}};
    bytes low(2);
    bytes high(2);
    const std::array messages{i2c_message::write(ads1115, pointers[0]), i2c_message::read(ads1115, low),
                              i2c_message::write(ads1115, pointers[1]), i2c_message::read(ads1115, high)};
    std::error_code error;
    bus_.transfer(messages, error);
    EXPECT_EQ(error, (std::error_code{EOPNOTSUPP, std::system_category()}));
    control_.allow_combined_reads(true);
    bus_.transfer(messages, error);
    EXPECT_FALSE(error);
    EXPECT_EQ(low, (bytes{0x80, 0x00}));
    EXPECT_EQ(high, (bytes{0x7f, 0xff}));
    control_.allow_combined_reads(false);
    bus_.transfer(messages, error);
    EXPECT_EQ(error, i2c_errc::not_supported);
}

class sim_control_blocks : public sim_control_test {
protected:
    sim_control_blocks()
    {
        control_.set_functionality(I2C_FUNC_I2C | I2C_FUNC_SMBUS_READ_BLOCK_DATA |
                                   I2C_FUNC_SMBUS_BLOCK_PROC_CALL);
    }

    /// The alarm registers of the DS3231 hold whatever a test wants, a length for example.
    void have(const bytes& alarms)
    {
        bytes message{0x07};
        message.insert(message.end(), alarms.begin(), alarms.end());
        bus_.write(ds3231, message);
    }
};

TEST_F(sim_control_blocks, begin_with_their_length)
{
    have({0x03, 0x11, 0x22, 0x33, 0x44});
    bytes block(32, 0xee);
    EXPECT_EQ(bus_.read_block_data(ds3231, 0x07, block), 3U);
    EXPECT_EQ(block[0], 0x11);
    EXPECT_EQ(block[1], 0x22);
    EXPECT_EQ(block[2], 0x33);
    EXPECT_EQ(block[3], 0xee);
    EXPECT_EQ(read_bytes(bus_, ds3231, 1), bytes{0x44}) << "no more was read than was there";
    EXPECT_EQ(control_.transactions(), 3U) << "with that of the length";
}

TEST_F(sim_control_blocks, can_be_32_bytes_and_no_more)
{
    bytes block(32);
    have({0x20});
    EXPECT_EQ(bus_.read_block_data(ds3231, 0x07, block), 32U);
    std::error_code error;
    for (const auto length : bytes{0x00, 0x21, 0xff}) {
        have({length});
        EXPECT_EQ(bus_.read_block_data(ds3231, 0x07, block, error), 0U);
        EXPECT_EQ(error, (std::error_code{EPROTO, std::system_category()}));
        EXPECT_EQ(error, i2c_errc::bad_protocol);
    }
}

TEST_F(sim_control_blocks, nobody_answers_where_nobody_is)
{
    bytes block(32);
    std::error_code error;
    EXPECT_EQ(bus_.read_block_data(absent, 0x07, block, error), 0U);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
}

TEST_F(sim_control_blocks, a_short_answer_may_lack_the_length)
{
    have({0x03, 0x11, 0x22, 0x33});
    bytes block(32);
    control_.add_fault({.answer_bytes = 2});
    EXPECT_EQ(bus_.read_block_data(ds3231, 0x07, block), 3U);
    EXPECT_EQ(block[0], 0x11);
    EXPECT_EQ(block[1], 0xff);
    std::error_code error;
    control_.add_fault({.answer_bytes = 0});
    EXPECT_EQ(bus_.read_block_data(ds3231, 0x07, block, error), 0U);
    EXPECT_EQ(error, i2c_errc::bad_protocol);
}

TEST_F(sim_control_blocks, are_written_and_read_by_one_call)
{
    bytes block(32);
    // On the wire 07 02 55 66: what is written is a length for what is read, from where the pointer then is.
    have({0x00, 0x00, 0x00, 0x02, 0x77, 0x88});
    EXPECT_EQ(bus_.block_process_call(ds3231, 0x07, bytes{0x55, 0x66}, block), 2U);
    EXPECT_EQ(block[0], 0x77);
    EXPECT_EQ(block[1], 0x88);
    EXPECT_EQ(read_registers(bus_, ds3231, 0x07, 3), (bytes{0x02, 0x55, 0x66}));
}

TEST_F(sim_control_test, is_thread_safe)
{
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                control_.add_fault({.error = EIO, .address = absent});
                control_.clear_faults();
                control_.advance(1ms);
                static_cast<void>(try_read(bus_));
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(control_.transactions(), 200U);
    EXPECT_EQ(control_.foreign_transactions(), 0U);
}

} // namespace
