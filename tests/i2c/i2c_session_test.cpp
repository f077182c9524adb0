// Sessions: whom they keep out, how they begin, nest and end.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"
#include "together.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::resource_lock;

/// Measures a channel of the ADS1115 each time it is told to.
const role measure_when_told{"session.measure", [](const std::vector<std::string>& args) {
                                 i2c_bus bus{args.at(0), {.timeout = 50ms}};
                                 say("ready");
                                 while (hear()) {
                                     try {
                                         say(std::to_string(measure(bus, 1)));
                                     } catch (const std::system_error& error) {
                                         say(error.code() == i2c_errc::lock_timeout ? "kept out"
                                                                                    : error.what());
                                     }
                                 }
                                 return 0;
                             }};

TEST(i2c_session, without_one_another_process_swaps_the_result)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto other = child::in_role("session.measure", {sim.bus()});
    ASSERT_EQ(other.line(), "ready");
    bus.write(ads1115, start_conversion(0));
    std::this_thread::sleep_for(conversion_time);
    other.tell("measure");
    EXPECT_EQ(other.line(), std::to_string(channel_codes[1]));
    EXPECT_EQ(read_result(bus), channel_codes[1]) << "valid, silent, and not ours";
}

TEST(i2c_session, with_one_another_process_is_kept_out)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto other = child::in_role("session.measure", {sim.bus()});
    ASSERT_EQ(other.line(), "ready");
    {
        auto session = bus.session();
        session.write(ads1115, start_conversion(0));
        std::this_thread::sleep_for(conversion_time);
        other.tell("measure");
        EXPECT_EQ(other.line(), "kept out");
        EXPECT_EQ(read_result(session), channel_codes[0]);
    }
    other.tell("measure");
    EXPECT_EQ(other.line(), std::to_string(channel_codes[1])) << "released at the end of the scope";
}

/// Measures one channel again and again; says how many results were another channel's.
const role measure_many{"session.measure_many", [](const std::vector<std::string>& args) {
                            i2c_bus bus{args.at(0)};
                            const auto channel = static_cast<unsigned>(std::stoul(args.at(1)));
                            const int count = std::stoi(args.at(2));
                            int wrong = 0;
                            say("ready");
                            hear();
                            for (int i = 0; i < count; ++i) {
                                auto session = bus.session({.timeout = 20s});
                                wrong += measure(session, channel) != channel_codes[channel];
                            }
                            say(std::to_string(wrong));
                            return 0;
                        }};

TEST(i2c_session, contending_processes_never_get_each_others_results)
{
    const sim_name sim;
    std::vector<std::vector<std::string>> each;
    for (int channel = 0; channel < 4; ++channel)
        each.push_back({sim.bus(), std::to_string(channel), "50"});
    EXPECT_EQ(run_together("session.measure_many", each), std::vector<std::string>(4, "0"));
}

TEST(i2c_session, sessions_of_one_thread_share_one_hold_until_the_outermost_ends)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 0s}};
    const resource_lock lock{sim.lock()};
    {
        auto outer = bus.session();
        {
            auto inner = bus.session();
            inner.write(ads1115, {0x00});
            const std::scoped_lock innermost{bus};
            bus.write(ads1115, {0x00});
        }
        EXPECT_TRUE(lock.is_locked());
        outer.write(ads1115, {0x00});
    }
    EXPECT_FALSE(lock.is_locked());
}

TEST(i2c_session, the_standards_guards_open_and_close_one)
{
    const sim_name sim;
    const sim_name another;
    i2c_bus bus{sim.bus()};
    i2c_bus second{another.bus()};
    const resource_lock lock{sim.lock()};
    {
        const std::scoped_lock both{bus, second};
        EXPECT_TRUE(lock.is_locked());
        bus.write(ads1115, {0x00});
        second.write(ads1115, {0x00});
    }
    EXPECT_FALSE(lock.is_locked());

    resource_lock holder{sim.lock()};
    ASSERT_TRUE(holder.get_lock());
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE((std::unique_lock{bus, 50ms}));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
    EXPECT_FALSE((std::unique_lock{bus, std::chrono::system_clock::now() + 20ms}));
    EXPECT_FALSE((std::unique_lock{bus, std::try_to_lock}));
    EXPECT_FALSE(bus.try_lock());
    holder.unget_lock();
    EXPECT_TRUE((std::unique_lock{bus, 50ms}));
    EXPECT_FALSE(lock.is_locked());
}

TEST(i2c_session, unlock_without_lock_releases_nothing)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock lock{sim.lock()};
    bus.unlock();
    ASSERT_TRUE(lock.get_lock());
    bus.unlock();
    EXPECT_TRUE(lock.I_have_the_lock());
    lock.unget_lock();

    const std::scoped_lock session{bus};
    std::thread{[&] { bus.unlock(); }}.join();
    EXPECT_TRUE(lock.is_locked()) << "another thread's";
}

TEST(i2c_session, its_text_is_its_own_or_the_buss)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.lock_info = "logger"}};
    const resource_lock lock{sim.lock()};
    {
        const auto session = bus.session({.lock_info = "tempmon #3"});
        EXPECT_NE(lock.get_lock_info().find(" - tempmon #3"), std::string::npos) << lock.get_lock_info();
    }
    const auto session = bus.session();
    EXPECT_NE(lock.get_lock_info().find(" - logger"), std::string::npos) << lock.get_lock_info();
}

TEST(i2c_session, a_failed_one_holds_nothing_and_sends_nothing)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock holder{sim.lock()};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_THROW(static_cast<void>(bus.session({.timeout = 0s})), std::system_error);
    std::error_code error;
    auto session = bus.session({.timeout = 10ms}, error);
    EXPECT_EQ(error, i2c_errc::lock_timeout);
    EXPECT_FALSE(session);
    holder.unget_lock();
    session.write(ads1115, {0x02, 0x12, 0x34}, error);
    EXPECT_EQ(error, i2c_errc::hold_lost);
    EXPECT_EQ(session.read_byte_data(ads1115, 0x02, error), 0);
    EXPECT_EQ(error, i2c_errc::hold_lost);
    EXPECT_THROW(session.write(ads1115, {0x00}), std::system_error);
    EXPECT_EQ(bus.read_byte_data(ads1115, 0x02), 0x80);
}

TEST(i2c_session, a_stop_request_ends_the_wait)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock holder{sim.lock()};
    std::stop_source stop;
    std::error_code error;
    const auto wait = [&] {
        std::jthread later{[&] {
            std::this_thread::sleep_for(20ms);
            stop.request_stop();
        }};
        const auto session = bus.session({.timeout = std::nullopt, .stop = stop.get_token()}, error);
        EXPECT_FALSE(session);
    };
    ASSERT_TRUE(holder.get_lock());
    wait();
    EXPECT_EQ(error, i2c_errc::lock_timeout) << "waiting for another object";
    holder.unget_lock();

    const auto own = bus.session();
    stop = std::stop_source{};
    std::thread{wait}.join();
    EXPECT_EQ(error, i2c_errc::lock_timeout) << "waiting for another thread";
}

} // namespace
