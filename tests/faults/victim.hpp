#pragma once

#include "single_step.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

/// What a program does that is killed between two of its steps, and what it finds.
namespace test {

inline void get_and_unget(resourcelock::resource_lock& lock)
{
    if (lock.get_lock({.timeout = std::chrono::seconds{0}, .lock_info = "victim"}))
        lock.unget_lock();
}

/// A process that gets the lock and dies with it.
inline void die_with(const std::string& lock_name)
{
    const auto child = fork();
    if (child == 0) {
        resourcelock::resource_lock lock{lock_name};
        if (lock.get_lock())
            raise(SIGKILL);
        _exit(1);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
        throw std::runtime_error{"the holder did not get the lock"};
}

/// The victim finds the lock of a holder that died.
inline void outlive_a_holder(resourcelock::resource_lock& lock)
{
    get_and_unget(lock);
    die_with(lock.lockname());
}

/// For tests that lead a program from one instruction to the next.
class single_steps : public testing::Test {
    void SetUp() override
    {
        if (const auto reason = no_single_steps())
            GTEST_SKIP() << *reason;
    }
};

} // namespace test
