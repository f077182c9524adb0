#include "arena.hpp"
#include "figure.hpp"
#include "peers.hpp"
#include "test_names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

/// From the kill of a holder to the moment a blocked waiter has the lock. A series of 100 kills counts as a
/// whole; on a machine that does other things too the best of three series does.
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::uint64_t the_holder = 1;
constexpr std::uint64_t the_waiter = 2;

/// `wait`: how long the waiter has waited when the holder is killed.
nanoseconds time_from_kill_to_entry(std::chrono::microseconds wait)
{
    const test::lock_name name{"latency"};
    const test::shared_arena shared;
    const auto has_it = [&](std::uint64_t who) {
        return test::becomes_true([&] { return shared->inside == who; });
    };
    const test::worker holder{name, *shared, the_holder, {.shortest_hold = 1h, .longest_hold = 1h}};
    EXPECT_TRUE(has_it(the_holder));
    test::worker waiter{
        name, *shared, the_waiter, {.shortest_hold = 0ns, .longest_hold = 0ns, .timeout = 10s}};
    EXPECT_TRUE(test::becomes_true([&] { return shared->shares[the_waiter - 1].gets == 1; }));
    std::this_thread::sleep_for(wait);

    shared->stop = 1; // the waiter ends when it has had the lock once
    const auto killed = std::chrono::steady_clock::now().time_since_epoch();
    holder.signal(SIGKILL);
    waiter.join();
    EXPECT_EQ(shared->inside, the_waiter);
    EXPECT_EQ(shared->recovered, 1U);
    return nanoseconds{shared->last_entry} - killed;
}

std::chrono::milliseconds worst_of_a_series(const char* machine)
{
    nanoseconds worst{0};
    nanoseconds sum{0};
    constexpr int kills = 100;
    for (int i = 0; i < kills; ++i) {
        const auto took = time_from_kill_to_entry(10ms + i * 50us); // at every point of a slice
        worst = std::max(worst, took);
        sum += took;
    }
    test::figure() << "recovery, " << machine << ": " << kills << " kills, mean " << sum / kills / 1us
                   << " us, worst " << worst / 1us << " us" << std::endl;
    return std::chrono::ceil<std::chrono::milliseconds>(worst);
}

std::chrono::milliseconds best_of_three_series(const char* machine, std::chrono::milliseconds bound)
{
    auto worst = std::chrono::milliseconds::max();
    for (int series = 0; series < 3 && worst > bound; ++series)
        worst = worst_of_a_series(machine);
    return worst;
}

} // namespace

TEST(recovery, of_a_killed_holders_lock_takes_15_ms_at_most_on_an_idle_machine)
{
    EXPECT_LE(best_of_three_series("idle", 15ms), 15ms);
}

TEST(recovery, of_a_killed_holders_lock_takes_25_ms_at_most_on_a_busy_machine)
{
    std::vector<std::jthread> burners;
    for (unsigned core = 0; core < std::thread::hardware_concurrency(); ++core)
        burners.emplace_back([](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
            }
        });
    EXPECT_LE(best_of_three_series("every core busy", 25ms), 25ms);
}
