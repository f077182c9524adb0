// Holders that die, stop and exec: real processes, killed with SIGKILL.
#include "child.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

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
