// Holders that die, stop, fork and exec: real processes, killed with SIGKILL.
#include "child.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::child;
using test::lock_name;

namespace {

/// Takes the lock and keeps it until told to end: "release" or, by the end of input, not at all.
const test::role hold{"hold", [](const std::vector<std::string>& args) {
                          resource_lock lock{args.at(0)};
                          test::say(lock.get_lock({.timeout = 20s, .lock_info = "role"}) ? "held"
                                                                                         : "not held");
                          const bool told = test::hear().has_value();
                          test::say(lock.unget_lock() ? "released" : "not released");
                          return told ? 0 : 1;
                      }};

/// Waits for the lock, for ever.
const test::role wait_for{"wait", [](const std::vector<std::string>& args) {
                              resource_lock lock{args.at(0)};
                              test::say("waiting");
                              const bool got = lock.get_lock({.timeout = std::nullopt});
                              test::say(got && lock.recovered() ? "recovered" : "got");
                              return 0;
                          }};

/// Holds the lock and becomes another program.
const test::role hold_and_exec{"exec", [](const std::vector<std::string>& args) {
                                   resource_lock lock{args.at(0)};
                                   test::say(lock.get_lock() ? "held" : "not held");
                                   test::hear();
                                   execlp("sleep", "sleep", "60", nullptr);
                                   return 1;
                               }};

/// Holds the lock, and has children that live on when it is killed.
const test::role hold_and_fork{"fork", [](const std::vector<std::string>& args) {
                                   resource_lock lock{args.at(0)};
                                   const bool held = lock.get_lock();
                                   if (fork() == 0) {
                                       sleep(60);
                                       _exit(0);
                                   }
                                   test::say(held ? "held" : "not held");
                                   test::hear();
                                   return 0;
                               }};

child holder_of(const lock_name& name)
{
    auto holder = child::in_role("hold", {name});
    EXPECT_EQ(holder.line(), "held");
    return holder;
}

} // namespace

TEST(lock_crash, a_killed_holder_frees_the_lock_for_the_next_program_that_opens_it)
{
    const lock_name name;
    holder_of(name).kill();
    resource_lock lock{name};
    EXPECT_FALSE(lock.is_locked());
    EXPECT_EQ(lock.lock_value(), 1);
    resource_lock another{name};
    EXPECT_TRUE(another.get_lock());
    EXPECT_TRUE(another.recovered()) << "whoever gets it first is told, though a look freed it";
    EXPECT_TRUE(another.unget_lock());
    EXPECT_TRUE(lock.get_lock());
    EXPECT_FALSE(lock.recovered()) << "told once";
}

TEST(lock_crash, a_killed_holder_frees_the_lock_for_objects_that_were_open_before)
{
    const lock_name name;
    resource_lock lock{name};
    auto holder = holder_of(name);
    EXPECT_EQ(lock.state().status, owner_status::alive);
    EXPECT_FALSE(lock.get_lock({.timeout = 20ms}));
    holder.kill();
    EXPECT_TRUE(lock.get_lock({.timeout = 0s}));
    EXPECT_TRUE(lock.recovered());
    EXPECT_TRUE(lock.unget_lock());
    EXPECT_EQ(lock.lock_value(), 1);
    EXPECT_TRUE(lock.get_lock());
    EXPECT_FALSE(lock.recovered()) << "told once";
}

TEST(lock_crash, state_and_is_locked_free_the_lock_of_a_killed_holder)
{
    const lock_name name;
    resource_lock lock{name};
    holder_of(name).kill();
    EXPECT_FALSE(lock.is_locked());
    holder_of(name).kill();
    const auto state = lock.state();
    EXPECT_FALSE(state.locked);
    EXPECT_EQ(state.value, 1);
    EXPECT_EQ(state.status, owner_status::none);
    EXPECT_EQ(state.info.substr(26), " - role") << "kept as history";
}

TEST(lock_crash, a_blocked_waiter_inherits_from_a_killed_holder)
{
    const lock_name name;
    auto holder = holder_of(name);
    auto waiter = child::in_role("wait", {name});
    ASSERT_EQ(waiter.line(), "waiting");
    std::this_thread::sleep_for(20ms);
    holder.kill();
    EXPECT_EQ(waiter.line(5s), "recovered");
}

TEST(lock_crash, a_stopped_holder_is_never_robbed)
{
    const lock_name name;
    auto holder = holder_of(name);
    holder.signal(SIGSTOP);
    resource_lock lock{name};
    EXPECT_FALSE(lock.get_lock({.timeout = 3s}));
    EXPECT_EQ(lock.state().status, owner_status::alive);
    holder.signal(SIGCONT);
    holder.tell("release");
    EXPECT_EQ(holder.line(), "released");
}

TEST(lock_crash, a_killed_waiter_leaves_the_line_to_the_others)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    auto waiter = child::in_role("wait", {name});
    ASSERT_EQ(waiter.line(), "waiting");
    std::this_thread::sleep_for(20ms);
    waiter.kill();
    EXPECT_TRUE(lock.unget_lock());
    EXPECT_TRUE(lock.get_lock({.timeout = 0s}));
}

TEST(lock_crash, exec_of_the_holder_counts_as_its_death)
{
    const lock_name name;
    auto holder = child::in_role("exec", {name});
    ASSERT_EQ(holder.line(), "held");
    resource_lock lock{name};
    EXPECT_FALSE(lock.get_lock({.timeout = 20ms}));
    holder.tell("go");
    EXPECT_TRUE(lock.get_lock({.timeout = 10s}));
    EXPECT_TRUE(lock.recovered());
}

TEST(lock_crash, the_holders_death_counts_though_its_children_live)
{
    const lock_name name;
    auto holder = child::in_role("fork", {name});
    ASSERT_EQ(holder.line(), "held");
    resource_lock lock{name};
    EXPECT_FALSE(lock.get_lock({.timeout = 20ms}));
    holder.kill();
    EXPECT_TRUE(lock.get_lock({.timeout = 10s}));
}

TEST(lock_crash, a_forked_child_neither_holds_nor_releases_what_its_parent_holds)
{
    const lock_name name;
    auto inherited = std::make_unique<resource_lock>(name);
    ASSERT_TRUE(inherited->get_lock());
    const pid_t pid = fork();
    if (pid == 0) {
        std::error_code error;
        int failures = 0;
        failures += inherited->I_have_the_lock() ? 1 : 0;
        failures += inherited->get_lock({}, error) || error != lock_errc::used_after_fork ? 2 : 0;
        failures +=
            inherited->unget_lock({.force = true}, error) || error != lock_errc::used_after_fork ? 4 : 0;
        inherited.reset();
        resource_lock own{name}; // opening it anew in the child is right
        failures += own.get_lock({.timeout = 20ms}) ? 8 : 0;
        _exit(failures);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_TRUE(inherited->I_have_the_lock());
    EXPECT_TRUE(inherited->unget_lock());
    EXPECT_EQ(inherited->lock_value(), 1);
}

TEST(lock_crash, a_signal_neither_ends_nor_shortens_a_wait)
{
    const lock_name name;
    auto holder = holder_of(name);
    resource_lock lock{name};
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, nullptr);
    ualarm(2000, 2000);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(lock.get_lock({.timeout = 200ms}));
    const auto took = std::chrono::steady_clock::now() - start;
    ualarm(0, 0);
    EXPECT_GE(took, 200ms);
    EXPECT_LT(took, 2s);
}
