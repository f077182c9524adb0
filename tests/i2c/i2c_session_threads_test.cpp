// Sessions of several threads, and of several bus objects.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"
#include "together.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::resource_lock;

int wrong_results_of_two_threads(i2c_bus& bus, bool with_session)
{
    std::atomic<int> wrong{0};
    const auto body = [&](unsigned channel) {
        for (int i = 0; i < 50; ++i) {
            std::unique_lock session{bus, std::defer_lock};
            if (with_session)
                session.lock();
            wrong += measure(bus, channel) != channel_codes[channel];
        }
    };
    std::thread first{body, 0};
    std::thread second{body, 1};
    first.join();
    second.join();
    return wrong;
}

TEST(i2c_session, threads_that_share_a_bus_object_exclude_each_other)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(wrong_results_of_two_threads(bus, true), 0);
}

TEST(i2c_session, threads_without_one_get_each_others_results)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    int wrong = 0;
    for (int round = 0; round < 20 && wrong == 0; ++round)
        wrong = wrong_results_of_two_threads(bus, false);
    EXPECT_GT(wrong, 0);
}

TEST(i2c_session, a_thread_that_releases_and_takes_again_lets_a_waiting_one_go_first)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::atomic<bool> stop{false};
    std::atomic<int> greedy_holds{0};
    std::thread greedy{[&] {
        while (!stop) {
            const auto session = bus.session();
            ++greedy_holds;
            std::this_thread::sleep_for(1ms);
        }
    }};
    while (greedy_holds == 0)
        std::this_thread::yield();
    int overtaken = 0;
    for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(500us); // so that the other one has it when we ask
        const int before = greedy_holds;
        const auto session = bus.session({.timeout = 20s});
        overtaken += greedy_holds - before;
    }
    stop = true;
    greedy.join();
    EXPECT_LT(overtaken, 10) << "nearly never: only where this thread was interrupted before it waited";
}

TEST(i2c_session, another_threads_call_waits_for_its_end)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 30ms}};
    std::error_code during;
    std::error_code after;
    {
        const auto session = bus.session();
        std::thread{[&] { bus.write(ads1115, {0x00}, during); }}.join();
    }
    std::thread{[&] { bus.write(ads1115, {0x00}, after); }}.join();
    EXPECT_EQ(during, i2c_errc::lock_timeout);
    EXPECT_FALSE(after);
}

/// Takes two buses at once again and again, in the order it is told.
const role take_two{"session.take_two", [](const std::vector<std::string>& args) {
                        i2c_bus one{args.at(0)};
                        i2c_bus two{args.at(1)};
                        say("ready");
                        hear();
                        for (int i = 0; i < 200; ++i) {
                            const std::scoped_lock both{one, two};
                            one.write(ads1115, {0x00});
                            two.write(ads1115, {0x00});
                        }
                        say("done");
                        return 0;
                    }};

TEST(i2c_session, processes_that_take_two_buses_in_either_order_do_not_block_each_other)
{
    const sim_name sim;
    const sim_name another;
    EXPECT_EQ(run_together("session.take_two", {{sim.bus(), another.bus()}, {another.bus(), sim.bus()}}),
              (std::vector<std::string>{"done", "done"}));
}

TEST(i2c_session, bus_objects_with_one_lock_share_a_threads_hold)
{
    const sim_name sim; // as two channels of one multiplexer do
    const sim_name another;
    i2c_bus one{sim.bus(), {.timeout = 0s}};
    i2c_bus two{another.bus(), {.timeout = 0s, .lock_name = "/" + sim.lock()}};
    const resource_lock lock{sim.lock()};
    {
        const std::scoped_lock both{one, two};
        one.write(ads1115, {0x00});
        two.write(ads1115, {0x00});
        std::error_code of_another_thread;
        std::thread{[&] { two.write(ads1115, {0x00}, of_another_thread); }}.join();
        EXPECT_EQ(of_another_thread, i2c_errc::lock_timeout);
    }
    EXPECT_FALSE(lock.is_locked());
}

} // namespace
