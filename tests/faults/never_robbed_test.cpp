#include "arena.hpp"
#include "length.hpp"
#include "peers.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <list>
#include <string>
#include <thread>

/// A living holder keeps the lock however long it takes, whether it runs or not, and however many others want
/// it.
namespace {

using namespace std::chrono_literals;

class crowd {
public:
    crowd(const std::string& lock_name, test::arena& shared, int size, const test::work& how)
        : shared_{shared}
    {
        for (int i = 0; i < size; ++i)
            workers_.emplace_back(lock_name, shared, static_cast<std::uint64_t>(i + 1), how);
    }
    /// Lets everybody finish.
    void end()
    {
        shared_.stop = 1;
        for (auto& worker : workers_)
            worker.join();
    }

private:
    test::arena& shared_;
    std::list<test::worker> workers_;
};

void expect_that_nobody_was_robbed(const test::arena& shared)
{
    EXPECT_EQ(shared.violations, 0U);
    EXPECT_EQ(shared.lost, 0U);
    EXPECT_EQ(shared.recovered, 0U) << "nobody died";
    EXPECT_EQ(shared.errors, 0U);
}

void run_holds_of(std::chrono::milliseconds length, std::uint64_t holds, int workers)
{
    const test::lock_name name{"hold"};
    const test::shared_arena shared;
    crowd workers_of_this_test{
        name, *shared, workers, {.shortest_hold = length, .longest_hold = length, .timeout = 10s}};

    EXPECT_TRUE(test::becomes_true([&] { return shared->entries >= holds; }));
    workers_of_this_test.end();

    expect_that_nobody_was_robbed(*shared);
    EXPECT_EQ(shared->timeouts, 0U);
    EXPECT_EQ(resourcelock::resource_lock{name}.lock_value(), 1);
}

constexpr int crowd_size = 8;

void run_long_hold(bool stopped)
{
    const test::lock_name name{"long"};
    const test::shared_arena shared;
    auto holder = test::peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    if (stopped)
        holder.stop();
    crowd waiters{name, *shared, crowd_size, {.shortest_hold = 0ms, .longest_hold = 1ms, .timeout = 100ms}};

    const auto end = std::chrono::steady_clock::now() + test::by_length(1s, 3s, 30s);
    while (std::chrono::steady_clock::now() < end) { // opens and looks, which free the lock of a dead holder
        const resourcelock::resource_lock newcomer{name};
        EXPECT_TRUE(newcomer.is_locked());
        EXPECT_EQ(newcomer.state().status, resourcelock::owner_status::alive);
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(shared->entries, 0U);
    EXPECT_GT(shared->timeouts, 0U);

    if (stopped)
        holder.resume();
    EXPECT_EQ(holder.ask("mine"), "True");
    EXPECT_EQ(holder.ask("unget"), "True");
    EXPECT_TRUE(test::becomes_true([&] { return shared->entries >= 10; }));
    waiters.end();
    expect_that_nobody_was_robbed(*shared);
}

} // namespace

TEST(never_robbed, holders_of_1_ms) { run_holds_of(1ms, 300, crowd_size); }

TEST(never_robbed, holders_of_100_ms) { run_holds_of(100ms, 15, crowd_size); }

TEST(never_robbed, a_holder_of_seconds) { run_long_hold(false); }

TEST(never_robbed, a_holder_that_is_stopped_for_seconds) { run_long_hold(true); }
