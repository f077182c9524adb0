// One process, one thread: what each call of resource_lock means. Waits: lock_waits_test.cpp. Texts:
// lock_info_test.cpp. Bad arguments: lock_arguments_test.cpp.
#include "errors.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <type_traits>

#include <semaphore.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::error_of;
using test::lock_name;

namespace {

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

static_assert(!std::is_copy_constructible_v<resource_lock> && !std::is_move_constructible_v<resource_lock>);

} // namespace
