// Threads: one object shared by all, or one each.
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::lock_name;

namespace {

constexpr int threads = 4;
constexpr int rounds = 2000;

/// Threads that take the lock in turn and count those inside; returns how often two met.
int collisions(const std::function<resource_lock&(int thread)>& lock_of)
{
    std::atomic<int> inside{0};
    std::atomic<int> met{0};
    std::vector<std::jthread> crowd;
    for (int t = 0; t < threads; ++t) {
        crowd.emplace_back([&, t] {
            for (int i = 0; i < rounds; ++i) {
                const std::scoped_lock guard{lock_of(t)};
                if (inside.fetch_add(1, std::memory_order_relaxed) != 0)
                    ++met;
                inside.fetch_sub(1, std::memory_order_relaxed);
            }
        });
    }
    crowd.clear();
    return met;
}

} // namespace

TEST(lock_threads, that_share_an_object_exclude_each_other)
{
    const lock_name name;
    resource_lock lock{name};
    EXPECT_EQ(collisions([&](int) -> resource_lock& { return lock; }), 0);
    EXPECT_EQ(lock.lock_value(), 1);
}

TEST(lock_threads, with_an_object_each_exclude_each_other)
{
    const lock_name name;
    std::vector<std::unique_ptr<resource_lock>> locks;
    for (int t = 0; t < threads; ++t)
        locks.push_back(std::make_unique<resource_lock>(name));
    EXPECT_EQ(collisions([&](int t) -> resource_lock& { return *locks[static_cast<std::size_t>(t)]; }), 0);
    EXPECT_EQ(locks[0]->lock_value(), 1);
}

TEST(lock_threads, a_hold_belongs_to_the_object_so_that_any_thread_may_release_it)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    std::jthread{[&] { EXPECT_TRUE(lock.unget_lock()); }}.join();
    EXPECT_FALSE(lock.is_locked());
}

TEST(lock_threads, a_release_wakes_a_waiting_thread)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    std::atomic<bool> got{false};
    std::jthread waiter{[&] { got = lock.get_lock({.timeout = 20s}); }};
    std::this_thread::sleep_for(20ms);
    lock.unget_lock();
    waiter.join();
    EXPECT_TRUE(got);
}

TEST(lock_threads, a_stop_ends_an_endless_wait)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock lock{name};
    ASSERT_TRUE(holder.get_lock());
    bool got = true;
    std::jthread waiter{
        [&](const std::stop_token& stop) { got = lock.get_lock({.timeout = std::nullopt, .stop = stop}); }};
    std::this_thread::sleep_for(20ms);
    waiter.request_stop();
    waiter.join();
    EXPECT_FALSE(got);
    holder.unget_lock();
    EXPECT_TRUE(lock.get_lock({.timeout = 0s}));
}

TEST(lock_threads, may_set_the_text_of_one_hold_at_once)
{
    const lock_name name;
    resource_lock lock{name};
    for (int hold = 0; hold < 500; ++hold) {
        ASSERT_TRUE(lock.get_lock());
        {
            const auto set_texts = [&](const std::string& text) {
                for (int i = 0; i < 20; ++i)
                    lock.set_lock_info(text);
            };
            const std::jthread one{[&] { set_texts("2020-01-01 00:00:00.111111 - one"); }};
            const std::jthread other{[&] { set_texts("2021-02-02 11:11:11.222222 - other"); }};
            for (int i = 0; i < 20; ++i)
                EXPECT_TRUE(lock.I_have_the_lock());
        }
        ASSERT_TRUE(lock.unget_lock());
    }
}

TEST(lock_threads, state_names_the_thread_that_took_the_lock)
{
    const lock_name name;
    resource_lock lock{name};
    pid_t taker = 0;
    std::jthread{[&] {
        taker = gettid();
        EXPECT_TRUE(lock.get_lock());
    }}.join();
    const auto state = lock.state();
    ASSERT_TRUE(state.owner);
    EXPECT_EQ(state.owner->tid, taker);
    EXPECT_EQ(state.owner->pid, getpid());
}
