// The length of a wait does not depend on the time of day. Checked where the library meets the C library:
// this program puts functions of its own before those of the C library. A program of its own, because every
// clock in it is wrong.
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>

#include <dlfcn.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

std::atomic<int> reads_of_the_time_of_day{0};
std::atomic<int> reads_of_the_monotonic_clock{0};
std::atomic<int> waits_by_the_time_of_day{0};
std::atomic<int> waits_by_the_monotonic_clock{0};

// Where time_t has 64 bits beside a long of 32, the headers give the functions below the names of their
// 64-bit forms, and the kernel has another number for them.
#if defined(SYS_clock_gettime64)
constexpr long clock_gettime_number = SYS_clock_gettime64;
constexpr const char* sem_timedwait_name = "__sem_timedwait64";
constexpr const char* sem_clockwait_name = "__sem_clockwait64";
#else
constexpr long clock_gettime_number = SYS_clock_gettime;
constexpr const char* sem_timedwait_name = "sem_timedwait";
constexpr const char* sem_clockwait_name = "sem_clockwait";
#endif

timespec true_time(clockid_t clock)
{
    timespec time{};
    syscall(clock_gettime_number, clock, &time);
    return time;
}

/// Some hours ahead of the true time, or some hours late: never the same as the last time.
std::time_t jump()
{
    constexpr int hour = 3600;
    const int count = ++reads_of_the_time_of_day;
    return (count % 2 == 0 ? hour : -hour) * (1 + count % 12);
}

} // namespace

// No sanitizer may look at them: its own start reads clocks before it is ready to look.
#define BEFORE_THE_C_LIBRARY                                                                                 \
    extern "C" __attribute__((visibility("default"), no_sanitize("address", "thread", "undefined")))

BEFORE_THE_C_LIBRARY int clock_gettime(clockid_t clock, timespec* time) noexcept
{
    const auto result = static_cast<int>(syscall(clock_gettime_number, clock, time));
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        time->tv_sec += jump();
    else
        ++reads_of_the_monotonic_clock;
    return result;
}

#if defined(SYS_clock_gettime64)
/// What libraries ask whose time_t has 32 bits: on Debian 12 the one of C++, for the clocks of std::chrono.
struct timespec_of_32_bits {
    std::int32_t tv_sec;
    std::int32_t tv_nsec;
};
BEFORE_THE_C_LIBRARY int clock_gettime_of_32_bits(clockid_t clock, timespec_of_32_bits* time) noexcept
    asm("clock_gettime");
int clock_gettime_of_32_bits(clockid_t clock, timespec_of_32_bits* time) noexcept
{
    timespec whole{};
    const auto result = clock_gettime(clock, &whole);
    *time = {static_cast<std::int32_t>(whole.tv_sec), static_cast<std::int32_t>(whole.tv_nsec)};
    return result;
}
#endif

BEFORE_THE_C_LIBRARY int gettimeofday(timeval* time, void*) noexcept
{
    const auto now = true_time(CLOCK_REALTIME);
    time->tv_sec = now.tv_sec + jump();
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

BEFORE_THE_C_LIBRARY std::time_t time(std::time_t* result) noexcept
{
    const auto now = true_time(CLOCK_REALTIME).tv_sec + jump();
    if (result != nullptr)
        *result = now;
    return now;
}

BEFORE_THE_C_LIBRARY int sem_timedwait(sem_t* semaphore, const timespec* until)
{
    ++waits_by_the_time_of_day;
    return reinterpret_cast<decltype(&sem_timedwait)>(dlsym(RTLD_NEXT, sem_timedwait_name))(semaphore, until);
}

BEFORE_THE_C_LIBRARY int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until)
{
    ++(clock == CLOCK_MONOTONIC ? waits_by_the_monotonic_clock : waits_by_the_time_of_day);
    static auto* const next =
        reinterpret_cast<decltype(&sem_clockwait)>(dlsym(RTLD_NEXT, sem_clockwait_name));
    return next(semaphore, clock, until);
}

namespace {

using namespace resourcelock;
using namespace std::chrono_literals;
using test::lock_name;

std::chrono::nanoseconds true_length_of(const auto& action)
{
    const auto now = [] {
        const auto time = true_time(CLOCK_MONOTONIC);
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    };
    const auto start = now();
    action();
    return now() - start;
}

class lock_clock : public testing::Test {
protected:
    lock_clock()
    {
        alarm(60); // a wait by a clock that jumps need not end
        reads_of_the_time_of_day = 0;
        reads_of_the_monotonic_clock = 0;
        waits_by_the_time_of_day = 0;
        waits_by_the_monotonic_clock = 0;
    }

    ~lock_clock() override { alarm(0); }

    /// A wait of 300 ms in vain.
    void expect_a_wait_of_its_length()
    {
        const auto took = true_length_of([&] { EXPECT_FALSE(lock_.get_lock({.timeout = 300ms})); });
        EXPECT_GE(took, 300ms);
        EXPECT_LT(took, 5s);
        EXPECT_GT(reads_of_the_monotonic_clock, 10) << "the library's clock is not the one of this program";
        EXPECT_EQ(waits_by_the_time_of_day, 0);
    }

    lock_name name_{"clock"};
    resource_lock lock_{name_};
};

} // namespace

TEST_F(lock_clock, jumps_for_everybody_in_this_program)
{
    const auto before = std::chrono::system_clock::now();
    const auto then = std::chrono::system_clock::now();
    EXPECT_GE(std::chrono::abs(then - before), 1h);
    EXPECT_GE(std::abs(std::time(nullptr) - std::time(nullptr)), 3600);
}

TEST_F(lock_clock, that_jumps_does_not_keep_a_free_lock_from_being_taken)
{
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(lock_.get_lock());
        ASSERT_TRUE(lock_.unget_lock());
    }
    EXPECT_GT(reads_of_the_time_of_day, 1000) << "the texts tell the time of day";
    EXPECT_EQ(lock_.lock_value(), 1);
}

TEST_F(lock_clock, that_jumps_does_not_change_the_length_of_a_wait_behind_a_cpp_holder)
{
    resource_lock holder{name_};
    ASSERT_TRUE(holder.get_lock());
    expect_a_wait_of_its_length();
    EXPECT_EQ(waits_by_the_monotonic_clock, 0) << "only behind a Python program it waits in the semaphore";
    EXPECT_TRUE(holder.I_have_the_lock());
}

TEST_F(lock_clock, that_jumps_does_not_change_the_length_of_a_wait_behind_a_python_like_holder)
{
    sem_t* const semaphore = sem_open(("/" + name_.str()).c_str(), 0);
    ASSERT_NE(semaphore, SEM_FAILED);
    ASSERT_EQ(sem_trywait(semaphore), 0);
    expect_a_wait_of_its_length();
    EXPECT_GT(waits_by_the_monotonic_clock, 10);
    EXPECT_EQ(sem_post(semaphore), 0);
    sem_close(semaphore);
    EXPECT_TRUE(lock_.get_lock({.timeout = 0s}));
}

TEST_F(lock_clock, that_jumps_does_not_end_a_wait_by_a_deadline)
{
    resource_lock holder{name_};
    ASSERT_TRUE(holder.get_lock());
    const auto took =
        true_length_of([&] { EXPECT_FALSE(lock_.try_lock_until(std::chrono::steady_clock::now() + 300ms)); });
    EXPECT_GE(took, 300ms);
    EXPECT_LT(took, 5s);
}

TEST_F(lock_clock, that_jumps_does_not_keep_the_lock_of_a_dead_holder_from_being_recovered)
{
    const pid_t pid = fork();
    if (pid == 0) {
        resource_lock holder{name_};
        static_cast<void>(holder.get_lock());
        _exit(0);
    }
    ASSERT_EQ(waitpid(pid, nullptr, 0), pid);
    EXPECT_TRUE(lock_.get_lock({.timeout = 10s}));
    EXPECT_TRUE(lock_.recovered());
}
