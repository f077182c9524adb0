// sim_control: faults of a simulated bus, and who is hit by them.
#include "sim_control_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace {

using namespace test;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;
using resourcelock::sim_control;
using resourcelock::sim_fault;

TEST_F(sim_control_test, each_errno_arrives_with_its_meaning)
{
    const struct {
        int error;
        i2c_errc meaning;
    } cases[] = {{EAGAIN, i2c_errc::arbitration_lost},  {ENXIO, i2c_errc::no_acknowledge},
                 {EREMOTEIO, i2c_errc::no_acknowledge}, {EIO, i2c_errc::io_error},
                 {ETIMEDOUT, i2c_errc::timed_out},      {EBUSY, i2c_errc::bus_busy},
                 {EBADMSG, i2c_errc::corrupt},          {EPROTO, i2c_errc::bad_protocol},
                 {EOPNOTSUPP, i2c_errc::not_supported}, {ENODEV, i2c_errc::bus_gone}};
    for (const auto& [error, meaning] : cases) {
        control_.add_fault({.error = error});
        const auto result = try_read(bus_);
        EXPECT_EQ(result, (std::error_code{error, std::system_category()}));
        EXPECT_EQ(result, meaning);
        EXPECT_FALSE(try_read(bus_)) << "once";
    }
    control_.add_fault({.error = EINVAL}); // our mistake: it means nothing on a bus
    EXPECT_EQ(try_read(bus_), std::errc::invalid_argument);
}

TEST_F(sim_control_test, nothing_is_delivered_when_a_transaction_fails)
{
    control_.add_fault({.error = EAGAIN});
    std::error_code error;
    bus_.write(ads1115, {0x03, 0x12, 0x34}, error);
    EXPECT_EQ(error, i2c_errc::arbitration_lost);
    EXPECT_EQ(read_registers(bus_, ads1115, 3, 2), (bytes{0x7f, 0xff}));
}

TEST_F(sim_control_test, faults_hit_smbus_calls_too)
{
    control_.add_fault({.error = EBADMSG});
    std::error_code error;
    static_cast<void>(bus_.read_byte_data(ads1115, 0x02, error));
    EXPECT_EQ(error, i2c_errc::corrupt);
}

TEST_F(sim_control_test, an_smbus_call_that_failed_returns_0)
{
    constexpr std::uint8_t config = 0x01; // 0x8583 at power-on
    bytes block(32);
    std::error_code error;
    const auto failing = [&](auto call) {
        control_.add_fault({.error = EIO});
        const auto returned = call();
        EXPECT_EQ(error, i2c_errc::io_error);
        return returned;
    };
    EXPECT_EQ(failing([&] { return bus_.read_byte(ads1115, error); }), 0);
    EXPECT_EQ(failing([&] { return bus_.read_byte_data(ads1115, config, error); }), 0);
    EXPECT_EQ(failing([&] { return bus_.read_word_data(ads1115, config, error); }), 0);
    EXPECT_EQ(failing([&] { return bus_.process_call(ads1115, config, 0x1234, error); }), 0);
    control_.set_functionality(~0U);
    EXPECT_EQ(failing([&] { return bus_.read_block_data(ads1115, config, block, error); }), 0U);
    EXPECT_EQ(failing([&] { return bus_.block_process_call(ads1115, config, bytes{1}, block, error); }), 0U);
    EXPECT_EQ(bus_.process_call(0x07, config, 0x1234, error), 0) << "refused before it is sent";
}

TEST_F(sim_control_test, faults_hit_by_position)
{
    control_.add_fault({.error = EIO, .after = 3, .count = 2});
    EXPECT_EQ(failures(8), "...xx...");
    control_.add_fault({.error = EIO, .after = 1, .count = sim_fault::always});
    EXPECT_EQ(failures(6), ".xxxxx");
    control_.clear_faults();
    EXPECT_EQ(failures(3), "...");
}

TEST_F(sim_control_test, faults_hit_only_the_device_they_are_for)
{
    control_.add_fault({.error = EIO, .address = sht31, .after = 1});
    EXPECT_EQ(failures(4), "....") << "another device's do not count";
    bus_.write(sht31, {0x30, 0x41});
    std::error_code error;
    const bytes pointer{0x00};
    const bytes command{0x30, 0x41};
    bus_.transfer({i2c_message::write(ads1115, pointer), i2c_message::write(sht31, command)}, error);
    EXPECT_EQ(error, i2c_errc::io_error) << "any of the messages";
}

TEST_F(sim_control_test, faults_hit_by_chance_and_the_seed_repeats_it)
{
    const auto line_of = [&](std::uint64_t seed) {
        control_.clear_faults();
        control_.seed(seed);
        control_.add_fault({.error = EAGAIN, .count = sim_fault::always, .probability = 0.25});
        return failures(400);
    };
    const auto first = line_of(1);
    EXPECT_EQ(line_of(1), first);
    EXPECT_NE(line_of(2), first);
    const auto hits = std::ranges::count(first, 'x');
    EXPECT_GT(hits, 60); // 100 +- 40: 4.6 standard deviations
    EXPECT_LT(hits, 140);
}

TEST_F(sim_control_test, a_probability_of_0_hits_never_and_counts)
{
    control_.add_fault({.error = EIO, .count = 3, .probability = 0});
    EXPECT_EQ(failures(6), "......");
    for (int i = 0; i < 16; ++i) // the first is done and has made room
        control_.add_fault({.error = EIO});
}

TEST_F(sim_control_test, sixteen_faults_may_wait)
{
    for (unsigned i = 0; i < 16; ++i)
        control_.add_fault({.error = EIO, .after = 2 * i});
    const auto full = refusal([&] { control_.add_fault({.error = EIO}); });
    EXPECT_EQ(full.code(), std::errc::no_space_on_device);
    EXPECT_NE(std::string{full.what()}.find("16 faults"), std::string::npos) << full.what();
    EXPECT_EQ(failures(5), "x.x.x");
    control_.add_fault({.error = EIO, .after = 2});
    EXPECT_EQ(failures(4), ".xxx") << "one more between the old ones";
}

TEST_F(sim_control_test, bad_values_are_refused_with_a_sentence)
{
    for (const sim_fault& fault :
         std::vector<sim_fault>{{.error = -EIO},
                                {.error = 4096},
                                {.error = EIO, .delay = -1ns},
                                {.error = EIO, .count = 0},
                                {.error = EIO, .probability = -0.01},
                                {.error = EIO, .probability = 1.01},
                                {.error = EIO, .probability = std::numeric_limits<double>::quiet_NaN()}}) {
        const auto error = refusal([&] { control_.add_fault(fault); });
        EXPECT_EQ(error.code(), std::errc::invalid_argument);
        EXPECT_NE(std::string{error.what()}.find("simulated bus: a fault"), std::string::npos)
            << error.what();
    }
    const auto error = refusal([&] { control_.add_fault({.error = EIO, .address = 0x80}); });
    EXPECT_EQ(error.code(), i2c_errc::bad_address);
    EXPECT_EQ(failures(2), "..") << "nothing was added";
}

TEST_F(sim_control_test, a_stretched_clock_takes_time)
{
    control_.add_fault({.delay = 30ms});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(try_read(bus_));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 30ms);
}

TEST_F(sim_control_test, a_stretched_clock_moves_the_stopped_time)
{
    control_.stop_clock();
    bus_.write(sht31, {0x24, 0x00});
    control_.add_fault({.delay = 15ms});
    EXPECT_NO_THROW(read_bytes(bus_, sht31, 6)) << "the measurement ended meanwhile";
}

TEST_F(sim_control_test, a_clock_stretched_beyond_the_adapters_timeout_is_an_error_after_it)
{
    control_.stop_clock();
    bus_.write(ds3231, {0x00, 0x00});
    control_.add_fault({.delay = 1s});
    EXPECT_FALSE(try_read(bus_)) << "just in time";
    control_.add_fault({.delay = std::chrono::nanoseconds::max(), .count = 2});
    control_.add_fault({.delay = std::chrono::nanoseconds::max(), .count = 2});
    EXPECT_EQ(try_read(bus_), i2c_errc::timed_out);
    EXPECT_EQ(try_read(bus_), i2c_errc::timed_out);
    EXPECT_EQ(read_registers(bus_, ds3231, 0, 1), bytes{0x03});
}

TEST_F(sim_control_test, others_wait_while_the_clock_is_stretched)
{
    const sim_name other_lock;
    auto other = child::in_role("sim_control.program", {sim_.bus(), other_lock.lock()});
    ASSERT_EQ(other.line(), "open");
    control_.add_fault({.delay = 200ms});
    const auto start = std::chrono::steady_clock::now();
    other.tell("read");
    while (control_.transactions() == 0) // waits as well, once the other is at it
        ;
    EXPECT_GE(std::chrono::steady_clock::now() - start, 200ms);
    EXPECT_EQ(other.line(), "read");
}

TEST_F(sim_control_test, a_short_answer_ends_with_released_lines)
{
    control_.add_fault({.answer_bytes = 1});
    EXPECT_EQ(read_registers(bus_, ads1115, 2, 2), (bytes{0x80, 0xff}));
    EXPECT_EQ(read_registers(bus_, ads1115, 2, 2), (bytes{0x80, 0x00}));
    control_.add_fault({.answer_bytes = 0, .count = 2});
    control_.add_fault({.answer_bytes = 5});
    EXPECT_EQ(read_registers(bus_, ads1115, 2, 2), (bytes{0xff, 0xff}));
    bus_.write(ads1115, {0x02, 0x12, 0x34}); // hit, but it reads nothing
    EXPECT_EQ(read_registers(bus_, ads1115, 2, 2), (bytes{0x12, 0x34}));
}

TEST_F(sim_control_test, faults_for_the_same_transaction_add_up)
{
    control_.stop_clock();
    bus_.write(ds3231, {0x00, 0x00});
    control_.add_fault({.delay = 500ms, .count = 2});
    control_.add_fault({.error = EIO, .delay = 500ms});
    control_.add_fault({.error = EBUSY});
    EXPECT_EQ(try_read(bus_), i2c_errc::io_error) << "the first";
    EXPECT_EQ(read_registers(bus_, ds3231, 0, 1), bytes{0x01}) << "1.5 s";
    EXPECT_EQ(failures(2), "..");
}

TEST_F(sim_control_test, faults_hit_other_processes)
{
    auto other = child::in_role("sim_control.program", {sim_.bus(), ""});
    ASSERT_EQ(other.line(), "open");
    control_.add_fault({.error = ETIMEDOUT, .after = 1});
    EXPECT_FALSE(try_read(bus_));
    EXPECT_EQ(ask(other, "read"), std::to_string(ETIMEDOUT));
    EXPECT_EQ(ask(other, "read"), "read");
}

} // namespace
