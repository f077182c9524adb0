// Transactions on a bus: what arrives, what comes back, what each failure is called.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"
#include "text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <linux/i2c.h>
#include <semaphore.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;
using resourcelock::lock_errc;
using resourcelock::resource_lock;

TEST(i2c_bus, a_transaction_leaves_the_lock_free_and_its_text_behind)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.lock_info = "logger #1"}};
    i2c_bus nameless{sim.bus()};
    const resource_lock lock{sim.lock()};
    bus.write(ads1115, {0x00});
    EXPECT_FALSE(lock.is_locked());
    EXPECT_TRUE(has(lock.get_lock_info(), " - logger #1")) << lock.get_lock_info();
    nameless.write(ads1115, {0x00});
    EXPECT_TRUE(has(lock.get_lock_info(), " - i2c_test")) << lock.get_lock_info();
    std::error_code error;
    bus.write(absent, {0x00}, error);
    EXPECT_FALSE(lock.is_locked()) << "after an error";
}

TEST(i2c_bus, a_transaction_needs_the_lock_and_waits_as_long_as_asked)
{
    const sim_name sim;
    resource_lock lock{sim.lock()};
    ASSERT_TRUE(lock.get_lock());
    const std::pair<resourcelock::wait_limit, std::chrono::milliseconds> cases[] = {
        {50ms, 50ms}, {0s, 0ms}, {-1s, 0ms}, {0.03s, 30ms}};
    for (const auto& [timeout, least] : cases) {
        i2c_bus bus{sim.bus(), {.timeout = timeout}};
        const auto start = std::chrono::steady_clock::now();
        std::error_code error;
        bus.write(ads1115, {0x00}, error);
        EXPECT_EQ(error, i2c_errc::lock_timeout);
        EXPECT_GE(std::chrono::steady_clock::now() - start, least);
    }
    i2c_bus patient{sim.bus(), {.timeout = std::nullopt}};
    std::thread release{[&] {
        std::this_thread::sleep_for(50ms);
        lock.unget_lock();
    }};
    patient.write(ads1115, {0x00});
    release.join();
}

const role hold{"i2c_bus.hold", [](const std::vector<std::string>& args) {
                    i2c_bus bus{args.at(0)};
                    const auto session = bus.session({.lock_info = args.at(1)});
                    say("held");
                    hear();
                    return 0;
                }};

TEST(i2c_bus, a_lock_timeout_names_the_holder)
{
    const sim_name sim;
    auto holder = child::in_role("i2c_bus.hold", {sim.bus(), "tempmon #3\x1b[2J\xc2\x9b"});
    ASSERT_EQ(holder.line(), "held");
    i2c_bus bus{sim.bus(), {.timeout = 10ms}};
    try {
        bus.write(ads1115, {0x00});
        FAIL() << "nothing thrown";
    } catch (const std::system_error& error) {
        const std::string what = error.what();
        EXPECT_EQ(error.code(), i2c_errc::lock_timeout);
        EXPECT_TRUE(has(what, sim.bus() + ", address 0x48: ")) << what;
        EXPECT_TRUE(has(what, "pid " + std::to_string(holder.pid()))) << what;
        EXPECT_TRUE(has(what, "since 20")) << what;
        EXPECT_TRUE(has(what, "tempmon #3")) << what;
        EXPECT_TRUE(has(what, "`resourcelock " + sim.lock() + " state`")) << what;
        EXPECT_FALSE(has(what, "\x1b")) << what;
        EXPECT_FALSE(has(what, "\xc2\x9b")) << what;
    }
}

TEST(i2c_bus, a_lock_timeout_tells_of_holders_that_leave_no_facts)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 10ms}};
    auto* const semaphore = sem_open(("/" + sim.lock()).c_str(), 0); // as a Python program takes it
    ASSERT_NE(semaphore, SEM_FAILED);
    ASSERT_EQ(sem_trywait(semaphore), 0);
    try {
        bus.write(ads1115, {0x00});
        ADD_FAILURE() << "nothing thrown";
    } catch (const std::system_error& error) {
        EXPECT_TRUE(has(error.what(), "held by a program that does not use this library")) << error.what();
    }
    sem_post(semaphore);
    sem_close(semaphore);
}

TEST(i2c_bus, failures_say_what_to_do)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const auto sentence = [](auto call) {
        try {
            call();
        } catch (const std::system_error& error) {
            return std::string{error.what()};
        }
        return std::string{"nothing thrown"};
    };
    bytes into(32);
    EXPECT_EQ(sentence([&] { bus.read(absent, into); }),
              sim.bus() +
                  ", address 0x20: nobody answered; simulated are 0x44 SHT31, 0x48 ADS1115, 0x49 TMP105, "
                  "0x50 AT24C32, 0x68 DS3231, 0x70 TCA9548A, 0x76 BME280, and 0x4a TMP105 behind channels 0 "
                  "and 1; SHT31 and AT24C32 do not answer while they are busy: Remote I/O error");
    EXPECT_TRUE(has(sentence([&] { bus.write(0x99, {1}); }), "address 0x99: an address is 0x08 to 0x77"));
    EXPECT_TRUE(has(sentence([&] { static_cast<void>(bus.read_block_data(absent, 0, into)); }),
                    "this adapter cannot do that"));
}

TEST(i2c_bus, it_reports_that_the_locks_files_were_removed)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto session = bus.session();
    std::filesystem::remove(sim.info_path());
    std::filesystem::remove(sim.semaphore_path());
    std::this_thread::sleep_for(10ms); // the next tick of the kernel's clock
    std::error_code error;
    session.write(ads1115, {0x00}, error);
    EXPECT_EQ(error, lock_errc::lock_replaced);
    try {
        session.write(ads1115, {0x00});
        FAIL() << "nothing thrown";
    } catch (const std::system_error& thrown) {
        EXPECT_TRUE(has(thrown.what(), "open the bus again")) << thrown.what();
    }
}

TEST(i2c_bus, a_transaction_after_the_locks_files_were_removed_does_not_reach_the_bus)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write(ads1115, {0x00});
    std::filesystem::remove(sim.info_path());
    std::filesystem::remove(sim.semaphore_path());
    std::this_thread::sleep_for(10ms); // the next tick of the kernel's clock
    i2c_bus renewed{sim.bus()};
    const auto session = renewed.session();
    std::error_code error;
    bus.write(ads1115, {0x00}, error);
    EXPECT_EQ(error, lock_errc::lock_replaced);
}

TEST(i2c_bus, tells_about_its_adapter)
{
    const sim_name sim;
    const i2c_bus bus{sim.bus()};
    EXPECT_EQ(bus.adapter_name(), "simulated bus");
    EXPECT_TRUE((bus.functionality() & I2C_FUNC_I2C) != 0);
    EXPECT_TRUE((bus.functionality() & I2C_FUNC_10BIT_ADDR) == 0);
    EXPECT_EQ(bus.clock_hz(), std::nullopt) << "no device tree tells";
    EXPECT_EQ(bus.is_address_in_use(ads1115), std::nullopt);
    EXPECT_EQ(bus.is_address_in_use(-1), std::nullopt);
}

TEST(i2c_bus, estimates_how_long_messages_take)
{
    const sim_name sim;
    const i2c_bus bus{sim.bus()};
    bytes page(34);
    // 100 kHz: 10 us a clock; START, address and 34 bytes of nine clocks, STOP
    EXPECT_EQ(bus.estimate_duration(std::array{i2c_message::write(at24c32, page)}), 10us * (2 + 9 * 35));
    bytes one(1);
    EXPECT_EQ(
        bus.estimate_duration(std::array{i2c_message::write(at24c32, one), i2c_message::read(at24c32, one)}),
        10us * (3 + 9 * 4));
}

TEST(i2c_bus, sends_in_parts_what_the_adapter_refuses_together)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes pointer{2};
    bytes low(2);
    bytes high_pointer{3};
    bytes high(2);
    const std::array messages{i2c_message::write(ads1115, pointer), i2c_message::read(ads1115, low),
                              i2c_message::write(ads1115, high_pointer), i2c_message::read(ads1115, high)};
    std::error_code error;
    bus.transfer(messages, error);
    EXPECT_EQ(error, i2c_errc::not_supported);
    bus.transfer_in_parts(messages, error);
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(low, (bytes{0x80, 0x00}));
    EXPECT_EQ(high, (bytes{0x7f, 0xff}));
    EXPECT_NO_THROW(
        bus.transfer_in_parts({i2c_message::read(ads1115, low), i2c_message::read(ads1115, high)}));
    bus.transfer_in_parts({i2c_message::read(ads1115, low), i2c_message::read(absent, high)}, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    EXPECT_THROW(bus.transfer_in_parts({i2c_message::read(absent, low), i2c_message::read(ads1115, high)}),
                 std::system_error);
}

TEST(i2c_bus, says_what_stands_in_the_way_of_its_counts)
{
    const sim_name sim;
    std::ofstream{sim.info_path() + ".touched"} << "not ours";
    try {
        const i2c_bus bus{sim.bus()};
        ADD_FAILURE() << "opened";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::invalid_argument);
        EXPECT_NE(std::string{error.what()}.find(sim.info_path() + ".touched"), std::string::npos);
    }
}

TEST(i2c_bus, parts_that_arrived_are_not_sent_again)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resourcelock::sim_control control{sim.bus()};
    control.add_fault({.error = EAGAIN, .after = 1});
    bytes one(1);
    bytes two(2);
    bus.transfer_in_parts({i2c_message::read(ads1115, one), i2c_message::read(ads1115, two)});
    EXPECT_EQ(control.transactions(), 3U) << "the first part, the second in vain, the second";
}

TEST(i2c_bus, parts_may_take_longer_together_than_the_adapter_waits)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes one(8000);
    bytes two(8000);
    const std::array messages{i2c_message::read(at24c32, one), i2c_message::read(at24c32, two)};
    std::error_code error;
    bus.transfer_in_parts(messages, error);
    EXPECT_FALSE(error) << error.message();
    bus.transfer(messages, error);
    EXPECT_TRUE(error == i2c_errc::too_long || error == i2c_errc::not_supported) << error.message();
}

} // namespace
