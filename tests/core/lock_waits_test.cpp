// Whom a get waits for, and how long.
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::lock_name;

namespace {

std::chrono::nanoseconds time_of(const auto& action)
{
    const auto start = std::chrono::steady_clock::now();
    action();
    return std::chrono::steady_clock::now() - start;
}

TEST(resource_lock, a_second_get_waits_like_for_anybody_elses_hold)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    bool got = true;
    EXPECT_GE(time_of([&] { got = lock.get_lock({.timeout = 60ms}); }), 60ms);
    EXPECT_FALSE(got);
    EXPECT_TRUE(lock.I_have_the_lock());
}

TEST(resource_lock, same_process_ok_succeeds_for_its_own_hold_and_keeps_the_info)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = "first"}));
    const auto first = lock.get_lock_info();
    EXPECT_TRUE(lock.get_lock({.timeout = 0s, .same_process_ok = true, .lock_info = "second"}));
    EXPECT_EQ(lock.get_lock_info(), first);
    EXPECT_TRUE(lock.unget_lock());
    EXPECT_FALSE(lock.is_locked());
}

TEST(resource_lock, same_process_ok_waits_for_another_objects_hold)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock lock{name};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_FALSE(lock.get_lock({.timeout = 20ms, .same_process_ok = true}));
}

TEST(resource_lock, zero_and_negative_timeouts_ask_once)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock lock{name};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_LT(time_of([&] { EXPECT_FALSE(lock.get_lock({.timeout = 0s})); }), 500ms);
    EXPECT_LT(time_of([&] { EXPECT_FALSE(lock.get_lock({.timeout = -5s})); }), 500ms);
    holder.unget_lock();
    EXPECT_TRUE(lock.get_lock({.timeout = -5s}));
}

TEST(wait_limit, saturates_instead_of_wrapping)
{
    EXPECT_EQ(wait_limit{std::chrono::hours::max()}.duration(), std::nullopt);
    EXPECT_EQ(wait_limit{std::chrono::nanoseconds::max()}.duration(), std::nullopt);
    EXPECT_EQ(wait_limit{std::chrono::duration<double>{1e300}}.duration(), std::nullopt);
    EXPECT_EQ(wait_limit{std::chrono::duration<double>{INFINITY}}.duration(), std::nullopt);
    EXPECT_EQ(wait_limit{std::chrono::hours::min()}.duration(), 0ns);
    EXPECT_EQ(wait_limit{std::chrono::duration<double>{NAN}}.duration(), 0ns);
    EXPECT_EQ(wait_limit{std::chrono::duration<double>{0.25}}.duration(), 250ms);
    EXPECT_EQ(wait_limit{std::nullopt}.duration(), std::nullopt);
    EXPECT_EQ(wait_limit{24h * 365 * 200}.duration(), 24h * 365 * 200);
}

TEST(resource_lock, a_huge_timeout_is_a_timeout)
{
    const lock_name name;
    resource_lock lock{name};
    EXPECT_TRUE(lock.get_lock({.timeout = std::chrono::hours::max()}));
}

TEST(resource_lock, a_timeout_may_be_an_optional_duration)
{
    EXPECT_EQ(wait_limit{std::optional<std::chrono::milliseconds>{}}.duration(), std::nullopt);
    EXPECT_EQ(wait_limit{std::optional{20ms}}.duration(), std::optional<std::chrono::nanoseconds>{20ms});
}

TEST(resource_lock, try_lock_until_takes_any_deadline)
{
    using clock = std::chrono::steady_clock;
    const lock_name name;
    resource_lock holder{name};
    resource_lock lock{name};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_LT(time_of([&] { EXPECT_FALSE(lock.try_lock_until(clock::time_point::min())); }), 1s);
    EXPECT_LT(time_of([&] { EXPECT_FALSE(lock.try_lock_until(clock::now() - 1h)); }), 1s);
    EXPECT_GE(time_of([&] { EXPECT_FALSE(lock.try_lock_until(clock::now() + 20ms)); }), 15ms);
    EXPECT_EQ(wait_limit::until(std::chrono::time_point<clock, std::chrono::hours>::max()).duration(),
              std::nullopt);
}

TEST(resource_lock, a_requested_stop_ends_the_wait)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock lock{name};
    ASSERT_TRUE(holder.get_lock());
    std::stop_source source;
    source.request_stop();
    EXPECT_FALSE(lock.get_lock({.timeout = std::nullopt, .stop = source.get_token()}));
    EXPECT_TRUE(holder.I_have_the_lock());
    holder.unget_lock();
    EXPECT_TRUE(lock.get_lock({.stop = source.get_token()})) << "a free lock needs no wait";
}

} // namespace
