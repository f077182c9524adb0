// The two files in /dev/shm are removed while programs use them.
#include "errors.hpp"
#include "lock_files_test.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include <semaphore.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::error_text;
using test::lock_name;

namespace {

TEST(lock_files, removed_during_a_hold_are_noticed_by_a_check_and_the_unget)
{
    for (const bool semaphore : {false, true}) {
        const lock_name name;
        resource_lock lock{name};
        ASSERT_TRUE(lock.get_lock());
        std::error_code error;
        lock.check_hold(error);
        EXPECT_FALSE(error);
        unlink(semaphore ? name.semaphore_path().c_str() : name.info_path().c_str());
        std::this_thread::sleep_for(10ms); // the next tick of the kernel's clock
        for (int i = 0; i < 2; ++i) {
            lock.check_hold(error);
            EXPECT_EQ(error, lock_errc::lock_replaced) << "and for ever";
        }
        lock.unget_lock({}, error);
        EXPECT_EQ(error, lock_errc::lock_replaced);
    }
}

TEST(lock_files, removed_during_a_wait_end_the_wait)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock lock{name};
    ASSERT_TRUE(holder.get_lock());
    std::error_code error;
    std::jthread waiter{[&] { EXPECT_FALSE(lock.get_lock({.timeout = std::nullopt}, error)); }};
    std::this_thread::sleep_for(20ms);
    unlink(name.info_path().c_str());
    waiter.join();
    EXPECT_EQ(error, lock_errc::lock_replaced);
}

/// A wait inside the semaphore, because a Python program has the unit.
TEST(lock_files, removed_during_a_wait_for_python_end_the_wait)
{
    for (const bool semaphore : {false, true}) {
        const lock_name name;
        resource_lock lock{name};
        sem_t* const python = sem_open(("/" + name.str()).c_str(), 0);
        ASSERT_EQ(sem_trywait(python), 0);
        std::error_code error;
        std::jthread waiter{[&] { EXPECT_FALSE(lock.get_lock({.timeout = std::nullopt}, error)); }};
        std::this_thread::sleep_for(20ms);
        unlink((semaphore ? name.semaphore_path() : name.info_path()).c_str());
        waiter.join();
        EXPECT_EQ(error, lock_errc::lock_replaced);
        sem_close(python);
    }
}

TEST(lock_files, removed_while_the_lock_is_free_are_noticed_within_a_second)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    lock.unget_lock();
    unlink(name.info_path().c_str());
    const resource_lock renewed{name};
    std::error_code error;
    const auto end = std::chrono::steady_clock::now() + 2s;
    while (!error && std::chrono::steady_clock::now() < end) {
        if (lock.get_lock({.timeout = 0s}, error) && !error)
            lock.unget_lock({}, error);
    }
    EXPECT_EQ(error, lock_errc::lock_replaced);
}

TEST(lock_files, removed_and_made_anew_by_others_are_noticed_by_a_look)
{
    const lock_name name;
    resource_lock lock{name};
    EXPECT_FALSE(lock.is_locked());
    unlink(name.info_path().c_str());
    unlink(name.semaphore_path().c_str());
    resource_lock renewed{name};
    ASSERT_TRUE(renewed.get_lock());
    std::this_thread::sleep_for(20ms); // two ticks of the slowest kernel's clock
    EXPECT_NE(error_text([&] { static_cast<void>(lock.is_locked()); }).find("construct the lock anew"),
              std::string::npos);
    std::this_thread::sleep_for(20ms);
    EXPECT_NE(error_text([&] { static_cast<void>(lock.state()); }).find("construct the lock anew"),
              std::string::npos);
}

} // namespace
