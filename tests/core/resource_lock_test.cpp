// One process, one thread: what each call of resource_lock means.
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <limits>
#include <mutex>
#include <regex>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include <semaphore.h>
#include <unistd.h>

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

std::error_code error_of(const auto& action)
{
    try {
        action();
    } catch (const std::system_error& error) {
        return error.code();
    }
    return {};
}

} // namespace

TEST(resource_lock, is_free_when_created)
{
    const lock_name name;
    const resource_lock lock{name};
    EXPECT_FALSE(lock.is_locked());
    EXPECT_EQ(lock.lock_value(), 1);
    EXPECT_EQ(lock.get_lock_info(), "");
    EXPECT_FALSE(lock.I_have_the_lock());
    EXPECT_FALSE(lock.recovered());
    EXPECT_EQ(lock.state().status, owner_status::none);
}

TEST(resource_lock, get_takes_it_and_unget_gives_it_back)
{
    const lock_name name;
    resource_lock lock{name};
    EXPECT_TRUE(lock.get_lock());
    EXPECT_TRUE(lock.is_locked());
    EXPECT_TRUE(lock.I_have_the_lock());
    EXPECT_EQ(lock.lock_value(), 0);
    EXPECT_TRUE(lock.unget_lock());
    EXPECT_FALSE(lock.is_locked());
    EXPECT_FALSE(lock.I_have_the_lock());
    EXPECT_EQ(lock.lock_value(), 1);
}

TEST(resource_lock, hides_the_leading_slash_of_its_name)
{
    const lock_name name;
    resource_lock lock{"/" + name.str()};
    resource_lock same{name};
    EXPECT_EQ(lock.lockname(), name.str());
    ASSERT_TRUE(lock.get_lock());
    EXPECT_TRUE(same.is_locked());
}

TEST(resource_lock, info_is_the_local_time_and_the_text)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = "tempmon.measure_loop #3"}));
    const auto info = lock.get_lock_info();
    EXPECT_TRUE(std::regex_match(
        info, std::regex{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} - tempmon\.measure_loop #3)"}))
        << info;
    const auto now = std::time(nullptr);
    std::tm then{};
    std::istringstream{info} >> std::get_time(&then, "%Y-%m-%d %H:%M:%S");
    then.tm_isdst = -1;
    EXPECT_NEAR(static_cast<double>(now), static_cast<double>(std::mktime(&then)), 2.0);
}

TEST(resource_lock, info_stays_after_the_release)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = "history"}));
    const auto held = lock.get_lock_info();
    lock.unget_lock();
    EXPECT_EQ(lock.get_lock_info(), held);
}

TEST(resource_lock, an_overlong_info_is_cut_at_the_end_of_a_character)
{
    const lock_name name;
    resource_lock lock{name};
    std::string text(3808, 'x');
    text += "\xe2\x82\xac and more"; // the Euro sign would end at byte 3811 of 3810
    ASSERT_TRUE(lock.get_lock({.lock_info = text}));
    EXPECT_TRUE(lock.I_have_the_lock());
    const auto info = lock.get_lock_info();
    EXPECT_EQ(info.substr(26), " - " + std::string(3808, 'x'));
}

TEST(resource_lock, an_info_of_the_greatest_length_is_kept_whole)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = std::string(3810, 'x')}));
    EXPECT_EQ(lock.get_lock_info().size(), 3839U);
    EXPECT_TRUE(lock.unget_lock());
    EXPECT_EQ(lock.lock_value(), 1);
}

TEST(resource_lock, info_ends_at_a_nul)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = std::string_view{"seen\0hidden", 11}}));
    EXPECT_EQ(lock.get_lock_info().substr(26), " - seen");
}

TEST(resource_lock, bytes_that_are_no_utf8_are_replaced_when_read)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = "a\xff\xc3\xa4\xe2\x82"}));
    EXPECT_EQ(lock.get_lock_info().substr(29), "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(resource_lock, set_lock_info_replaces_the_text_as_it_stands)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock({.lock_info = "long enough to leave something behind"}));
    holder.set_lock_info("step 2");
    EXPECT_EQ(other.get_lock_info(), "step 2");
    EXPECT_TRUE(holder.I_have_the_lock());
    other.set_lock_info("somebody else's");
    EXPECT_EQ(holder.get_lock_info(), "somebody else's");
    EXPECT_TRUE(holder.I_have_the_lock());
    EXPECT_TRUE(holder.unget_lock());
    EXPECT_EQ(holder.lock_value(), 1);
}

TEST(resource_lock, set_lock_info_like_an_acquires_is_the_holders_only)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock({.lock_info = "mine"}));
    const auto before = holder.get_lock_info();
    EXPECT_EQ(error_of([&] { other.set_lock_info("2020-01-01 00:00:00 - theirs"); }),
              lock_errc::not_the_holder);
    EXPECT_EQ(holder.get_lock_info(), before);
    holder.set_lock_info("2020-01-01 00:00:00 - mine");
    EXPECT_TRUE(holder.I_have_the_lock());
    EXPECT_TRUE(holder.unget_lock());
    EXPECT_EQ(error_of([&] { other.set_lock_info("2020-01-01 00:00:00"); }), lock_errc::not_the_holder);
}

TEST(resource_lock, set_lock_info_cuts_at_3839_bytes)
{
    const lock_name name;
    resource_lock lock{name};
    lock.set_lock_info(std::string(5000, 'y'));
    EXPECT_EQ(lock.get_lock_info(), std::string(3839, 'y'));
    EXPECT_TRUE(lock.get_lock());
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

TEST(resource_lock, unget_of_a_free_lock_changes_nothing)
{
    const lock_name name;
    resource_lock lock{name};
    EXPECT_FALSE(lock.unget_lock());
    EXPECT_FALSE(lock.unget_lock({.force = true}));
    EXPECT_EQ(lock.lock_value(), 1);
}

TEST(resource_lock, unget_leaves_another_objects_hold_alone)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_FALSE(other.unget_lock());
    EXPECT_TRUE(holder.I_have_the_lock());
    EXPECT_EQ(holder.lock_value(), 0);
}

TEST(resource_lock, a_forced_unget_ends_anybodys_hold_and_the_old_holder_sees_it)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    resource_lock next{name};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_TRUE(other.unget_lock({.force = true}));
    EXPECT_FALSE(holder.I_have_the_lock());
    EXPECT_FALSE(other.unget_lock({.force = true})) << "once is enough";
    ASSERT_TRUE(next.get_lock());
    EXPECT_FALSE(holder.unget_lock()) << "it is the next holder's now";
    EXPECT_TRUE(next.I_have_the_lock());
    EXPECT_EQ(next.lock_value(), 0);
}

TEST(resource_lock, a_forced_unget_of_ones_own_hold_is_a_release)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    EXPECT_TRUE(lock.unget_lock({.force = true}));
    EXPECT_EQ(lock.lock_value(), 1);
}

TEST(resource_lock, check_hold_tells_a_lost_hold)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    std::error_code error;
    holder.check_hold(error);
    EXPECT_EQ(error, lock_errc::lock_lost);
    ASSERT_TRUE(holder.get_lock());
    holder.check_hold(error);
    EXPECT_FALSE(error);
    other.unget_lock({.force = true});
    holder.check_hold(error);
    EXPECT_EQ(error, lock_errc::lock_lost);
}

TEST(resource_lock, the_destructor_and_close_release_what_the_object_holds)
{
    const lock_name name;
    resource_lock watcher{name};
    {
        resource_lock lock{name};
        ASSERT_TRUE(lock.get_lock());
    }
    EXPECT_EQ(watcher.lock_value(), 1);
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    lock.close();
    EXPECT_EQ(watcher.lock_value(), 1);
}

TEST(resource_lock, the_destructor_leaves_another_objects_hold_alone)
{
    const lock_name name;
    resource_lock holder{name};
    ASSERT_TRUE(holder.get_lock());
    {
        const resource_lock other{name};
    }
    EXPECT_TRUE(holder.I_have_the_lock());
}

TEST(resource_lock, a_detached_hold_outlives_its_object_and_ends_by_force)
{
    const lock_name name;
    resource_lock other{name};
    {
        resource_lock lock{name};
        EXPECT_FALSE(lock.detach()) << "nothing to leave";
        ASSERT_TRUE(lock.get_lock({.lock_info = "by hand"}));
        EXPECT_TRUE(lock.detach());
        EXPECT_FALSE(lock.I_have_the_lock());
        EXPECT_FALSE(lock.unget_lock());
    }
    EXPECT_TRUE(other.is_locked());
    EXPECT_FALSE(other.get_lock({.timeout = 20ms}));
    const auto state = other.state();
    EXPECT_EQ(state.status, owner_status::detached);
    ASSERT_TRUE(state.owner);
    EXPECT_EQ(state.owner->pid, getpid());
    EXPECT_TRUE(other.unget_lock({.force = true}));
    EXPECT_TRUE(other.get_lock({.timeout = 0s}));
}

TEST(resource_lock, state_names_a_living_holder)
{
    const lock_name name;
    resource_lock lock{name};
    const auto before = std::chrono::system_clock::now();
    ASSERT_TRUE(lock.get_lock({.lock_info = "who"}));
    const auto state = lock.state();
    EXPECT_EQ(state.value, 0);
    EXPECT_TRUE(state.locked);
    EXPECT_EQ(state.info, lock.get_lock_info());
    EXPECT_EQ(state.status, owner_status::alive);
    ASSERT_TRUE(state.owner);
    EXPECT_EQ(state.owner->pid, getpid());
    EXPECT_EQ(state.owner->tid, gettid());
    EXPECT_EQ(state.owner->uid, geteuid());
    EXPECT_EQ(state.owner->comm, "resource_lock_t");
    EXPECT_GT(state.owner->start_time, 0U);
    EXPECT_GE(state.owner->since, before - 1ms);
    EXPECT_LE(state.owner->since, std::chrono::system_clock::now() + 1ms);
}

TEST(resource_lock, the_standards_guards_work)
{
    const lock_name name;
    const lock_name second_name;
    resource_lock lock{name};
    resource_lock other{name};
    resource_lock second{second_name};
    {
        const std::scoped_lock guard{lock, second};
        EXPECT_TRUE(lock.I_have_the_lock() && second.I_have_the_lock());
        const std::unique_lock late{other, 20ms};
        EXPECT_FALSE(late.owns_lock());
        EXPECT_FALSE(other.try_lock());
        EXPECT_FALSE(other.try_lock_until(std::chrono::system_clock::now() + 10ms));
    }
    EXPECT_FALSE(lock.is_locked() || second.is_locked());
    const std::unique_lock in_time{other, 20ms};
    EXPECT_TRUE(in_time.owns_lock());
}

TEST(resource_lock, a_closed_object_says_so)
{
    const lock_name name;
    resource_lock lock{name};
    EXPECT_FALSE(lock.closed());
    lock.close();
    EXPECT_TRUE(lock.closed());
    lock.close();
    EXPECT_EQ(lock.lockname(), name.str());
    EXPECT_FALSE(lock.I_have_the_lock());
    EXPECT_EQ(error_of([&] { (void)lock.get_lock(); }), lock_errc::closed);
    EXPECT_EQ(error_of([&] { lock.unget_lock(); }), lock_errc::closed);
    EXPECT_EQ(error_of([&] { (void)lock.is_locked(); }), lock_errc::closed);
    EXPECT_EQ(error_of([&] { (void)lock.lock_value(); }), lock_errc::closed);
    EXPECT_EQ(error_of([&] { (void)lock.get_lock_info(); }), lock_errc::closed);
    EXPECT_EQ(error_of([&] { lock.set_lock_info("x"); }), lock_errc::closed);
    EXPECT_EQ(error_of([&] { (void)lock.state(); }), lock_errc::closed);
    EXPECT_EQ(error_of([&] { lock.detach(); }), lock_errc::closed);
}

TEST(resource_lock, the_overloads_with_an_error_code_store_it_and_clear_it)
{
    const lock_name name;
    resource_lock lock{name};
    auto error = std::make_error_code(std::errc::io_error);
    EXPECT_TRUE(lock.get_lock({}, error));
    EXPECT_FALSE(error);
    EXPECT_FALSE(lock.get_lock({.timeout = 0s}, error));
    EXPECT_FALSE(error) << "a timeout is no error";
    EXPECT_TRUE(lock.unget_lock({}, error));
    lock.close();
    EXPECT_FALSE(lock.get_lock({}, error));
    EXPECT_EQ(error, lock_errc::closed);
    static_assert(noexcept(lock.get_lock(std::declval<const get_options&>(), error)));
    static_assert(noexcept(lock.unget_lock(std::declval<const unget_options&>(), error)));
}

TEST(resource_lock, surplus_units_are_drained_by_the_next_acquire)
{
    const lock_name name;
    resource_lock lock{name};
    auto* const semaphore = sem_open(("/" + name.str()).c_str(), 0);
    ASSERT_NE(semaphore, SEM_FAILED);
    sem_post(semaphore);
    sem_post(semaphore);
    EXPECT_EQ(lock.lock_value(), 3);
    ASSERT_TRUE(lock.get_lock());
    EXPECT_EQ(lock.lock_value(), 0);
    lock.unget_lock();
    EXPECT_EQ(lock.lock_value(), 1);
    sem_close(semaphore);
}

class bad_lock_name : public testing::TestWithParam<std::string> {};

TEST_P(bad_lock_name, is_refused_with_a_sentence)
{
    try {
        const resource_lock lock{GetParam()};
        FAIL() << "accepted";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), lock_errc::bad_name);
        EXPECT_NE(std::string{error.what()}.find("use a file name such as"), std::string::npos)
            << error.what();
        EXPECT_EQ(std::string{error.what()}.find('\n'), std::string::npos) << error.what();
    }
}

INSTANTIATE_TEST_SUITE_P(table, bad_lock_name,
                         testing::Values("", "/", ".", "..", "/..", "a/b", "//a", "a/", "sem.a", "/sem.a",
                                         "a\nb", "a\x7f", "\x1b[2J", std::string("a\0b", 3),
                                         std::string(252, 'n')));

TEST(resource_lock, a_name_of_the_greatest_length_works)
{
    const lock_name name{std::string(251 - lock_name{""}.str().size() - 1, 'n')};
    ASSERT_LE(name.str().size(), 251U);
    resource_lock lock{name};
    EXPECT_TRUE(lock.get_lock());
}

class bad_lock_options : public testing::TestWithParam<lock_options> {};

TEST_P(bad_lock_options, are_refused_before_anything_is_made)
{
    const lock_name name;
    EXPECT_EQ(error_of([&] { const resource_lock lock{name, GetParam()}; }), lock_errc::bad_option);
    EXPECT_NE(access(name.info_path().c_str(), F_OK), 0);
    EXPECT_NE(access(name.semaphore_path().c_str(), F_OK), 0);
}

INSTANTIATE_TEST_SUITE_P(
    table, bad_lock_options,
    testing::Values(lock_options{.shared_mem_size = 0}, lock_options{.shared_mem_size = 4095},
                    lock_options{.shared_mem_size = (1U << 20U) + 1},
                    lock_options{.shared_mem_size = std::numeric_limits<std::size_t>::max()},
                    lock_options{.mode = 0}, lock_options{.mode = 0400}, lock_options{.mode = 0700},
                    lock_options{.mode = 04600}, lock_options{.mode = 0060}));

static_assert(!std::is_copy_constructible_v<resource_lock> && !std::is_move_constructible_v<resource_lock>);
