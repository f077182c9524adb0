#include "child.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/// What may happen in the middle of one call of the library, at the instants when it calls the C library.
namespace {

/// Called once, before the next witness of life is kept out of forked children.
std::function<void()> at_dontfork;
/// Called once, before the next post of a semaphore.
std::function<void()> at_post;
/// So many allocations fail, as those of older kernels do when a signal comes.
std::atomic<int> interruptions{0};
#if defined(SYS_futex_time64)
constexpr long futex_number = SYS_futex_time64;
#else
constexpr long futex_number = SYS_futex;
#endif
/// How many sleeps on a word in memory were refused, since they are forbidden; not forbidden below 0.
std::atomic<int> refused_sleeps{-1};

} // namespace

// Before those of the C library, for the whole program.
extern "C" __attribute__((visibility("default"))) int madvise(void* memory, std::size_t size,
                                                              int advice) noexcept
{
    static auto* const next = reinterpret_cast<decltype(&madvise)>(dlsym(RTLD_NEXT, "madvise"));
    if (advice == MADV_DONTFORK && at_dontfork)
        std::exchange(at_dontfork, {})();
    return next(memory, size, advice);
}

extern "C" __attribute__((visibility("default"))) int sem_post(sem_t* semaphore) noexcept
{
    static auto* const next = reinterpret_cast<decltype(&sem_post)>(dlsym(RTLD_NEXT, "sem_post"));
    if (at_post)
        std::exchange(at_post, {})();
    return next(semaphore);
}

/// As the filter of a container engine that knows no SYS_futex_time64. Reads as many words as there may be,
/// which AddressSanitizer would call too many.
extern "C" __attribute__((visibility("default"), no_sanitize("address"))) long syscall(long number,
                                                                                       ...) noexcept
{
    static auto* const next = reinterpret_cast<decltype(&syscall)>(dlsym(RTLD_NEXT, "syscall"));
    std::va_list list;
    va_start(list, number);
    std::array<long, 6> words{};
    for (auto& word : words)
        word = va_arg(list, long);
    va_end(list);
    if (number == futex_number && refused_sleeps >= 0) {
        ++refused_sleeps;
        errno = EPERM;
        return -1;
    }
    return next(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

/// The library's offsets have 64 bits everywhere.
extern "C" __attribute__((visibility("default"))) int fallocate64(int file, int mode, off64_t at,
                                                                  off64_t size)
{
    static auto* const next = reinterpret_cast<decltype(&fallocate64)>(dlsym(RTLD_NEXT, "fallocate64"));
    if (interruptions > 0) {
        --interruptions;
        errno = EINTR;
        return -1;
    }
    return next(file, mode, at, size);
}

namespace {

using namespace resourcelock;
using namespace std::chrono_literals;
using test::child;

/// A fork in another thread. The child lives until the test tells it to end, and has all descriptors that are
/// open when begin() is called, unless the library lets nobody fork just then.
class fork_beside {
public:
    void begin()
    {
        auto done = std::make_shared<std::promise<void>>();
        auto forked = done->get_future();
        thread_ = std::jthread{[done] {
            if (fork() == 0) {
                test::hear();
                _exit(0);
            }
            done->set_value();
        }};
        forked.wait_for(200ms);
    }
    void join() { thread_.join(); }

private:
    std::jthread thread_;
};

[[noreturn]] void wait_for_the_end()
{
    alarm(120);
    for (;;)
        pause();
}

/// Opens a lock while another thread forks, and takes it.
const test::role open_and_fork{"open_and_fork", [](const std::vector<std::string>& args) -> int {
                                   fork_beside forker;
                                   at_dontfork = [&] { forker.begin(); };
                                   resource_lock lock{args.at(0)};
                                   forker.join();
                                   test::say(lock.get_lock() ? "held" : "not held");
                                   wait_for_the_end();
                               }};

/// Releases a lock by force while another thread forks; and once more.
const test::role force_and_fork{"force_and_fork", [](const std::vector<std::string>& args) -> int {
                                    resource_lock holder{args.at(0)};
                                    resource_lock lock{args.at(0)};
                                    bool good = holder.get_lock();
                                    fork_beside forker;
                                    at_post = [&] { forker.begin(); };
                                    good = good && lock.unget_lock({.force = true});
                                    forker.join();
                                    good = good && holder.get_lock() && lock.unget_lock({.force = true});
                                    test::say(good ? "released twice" : "not released");
                                    wait_for_the_end();
                                }};

} // namespace

TEST(in_the_middle, a_fork_while_a_lock_is_opened_does_not_prolong_its_hold)
{
    const test::lock_name name{"middle"};
    auto owner = child::in_role("open_and_fork", {name});
    ASSERT_EQ(owner.line(), "held");
    owner.kill();
    resource_lock lock{name};
    EXPECT_TRUE(lock.get_lock({.timeout = 5s}));
    EXPECT_TRUE(lock.recovered());
}

TEST(in_the_middle, a_fork_while_a_lock_is_released_by_force_does_not_bar_the_next_one)
{
    const test::lock_name name{"middle"};
    auto program = child::in_role("force_and_fork", {name});
    EXPECT_EQ(program.line(), "released twice");
}

TEST(in_the_middle, interrupted_allocations_do_not_keep_a_lock_from_being_opened)
{
    const test::lock_name name{"middle"};
    interruptions = 3;
    EXPECT_NO_THROW(resource_lock{name});
    EXPECT_EQ(interruptions, 0) << "the library does not ask this program";
}

TEST(in_the_middle, a_waiter_that_must_not_sleep_in_a_futex_looks_now_and_then)
{
    const test::lock_name name{"middle"};
    resource_lock holder{name};
    ASSERT_TRUE(holder.get_lock());
    refused_sleeps = 0;
    auto waiter =
        std::async(std::launch::async, [&] { return resource_lock{name}.get_lock({.timeout = 60s}); });
    const auto start = std::chrono::steady_clock::now();
    while (refused_sleeps == 0 && std::chrono::steady_clock::now() - start < test::deadline)
        std::this_thread::sleep_for(1ms);
    EXPECT_GT(refused_sleeps, 0) << "the library does not ask this program";
    std::this_thread::sleep_for(200ms);
    const auto most =
        (std::chrono::steady_clock::now() - start) / 1ms + 2; // one look each, after sleeping in between
    EXPECT_LE(refused_sleeps, most) << "it spins";
    holder.unget_lock();
    EXPECT_TRUE(waiter.get());
    refused_sleeps = -1;
}
