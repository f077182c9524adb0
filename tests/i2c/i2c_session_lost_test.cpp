// Sessions that end before their time: the holder is killed, released by force, forked, or its lock's files
// removed.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::resource_lock;

const role hold_in_session{"session.hold", [](const std::vector<std::string>& args) {
                               i2c_bus bus{args.at(0)};
                               auto session = bus.session();
                               session.write(ads1115, {0x00});
                               say("held");
                               hear();
                               return 0;
                           }};

TEST(i2c_session, a_killed_holder_frees_the_bus)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 5s}};
    for (int round = 0; round < 3; ++round) {
        auto holder = child::in_role("session.hold", {sim.bus()});
        ASSERT_EQ(holder.line(), "held");
        std::error_code error;
        EXPECT_FALSE(bus.session({.timeout = 20ms}, error));
        holder.kill();
        bus.write(ads1115, {0x00}, error);
        EXPECT_FALSE(error) << error.message();
    }
}

TEST(i2c_session, a_forced_release_is_reported_before_anything_is_sent)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock other{sim.lock()};
    {
        auto session = bus.session();
        ASSERT_TRUE(other.unget_lock({.force = true}));
        std::error_code error;
        session.write(ads1115, {0x02, 0x12, 0x34}, error);
        EXPECT_EQ(error, i2c_errc::hold_lost);
        EXPECT_EQ(error, resourcelock::lock_errc::lock_lost);
        bus.write(ads1115, {0x02, 0x12, 0x34}, error);
        EXPECT_EQ(error, i2c_errc::hold_lost) << "the bus in the same thread";
        EXPECT_FALSE(bus.session({}, error));
        EXPECT_EQ(error, i2c_errc::hold_lost) << "a session inside";
        EXPECT_THROW(session.write(ads1115, {0x00}), std::system_error);

        ASSERT_TRUE(other.get_lock());
    }
    EXPECT_TRUE(other.I_have_the_lock()) << "the next holder keeps the lock when the session ends";
    other.unget_lock();
    EXPECT_EQ(bus.read_byte_data(ads1115, 0x02), 0x80);
}

TEST(i2c_session, a_lost_one_is_not_revived_by_another_thread_of_the_program)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 50ms}};
    resource_lock other{sim.lock()};
    auto session = bus.session();
    ASSERT_TRUE(other.unget_lock({.force = true}));
    std::thread{[&] {
        std::error_code waited;
        bus.write(ads1115, {0x00}, waited);
        EXPECT_EQ(waited, i2c_errc::lock_timeout);
    }}.join();
    std::error_code error;
    session.write(ads1115, {0x00}, error);
    EXPECT_EQ(error, i2c_errc::hold_lost);
}

TEST(i2c_session, a_bus_opened_after_its_lock_was_removed_does_not_share_the_old_one)
{
    const sim_name sim;
    i2c_bus old{sim.bus()};
    unlink(sim.info_path().c_str());
    unlink(sim.semaphore_path().c_str());
    i2c_bus fresh{sim.bus()};
    std::this_thread::sleep_for(10ms); // the next tick of the kernel's clock
    std::error_code error;
    fresh.write(ads1115, {0x00}, error);
    EXPECT_FALSE(error) << error.message();
    old.write(ads1115, {0x00}, error);
    EXPECT_EQ(error, resourcelock::lock_errc::lock_replaced);
}

TEST(i2c_session, a_forked_child_does_not_share_its_parents_hold)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const auto session = bus.session();
    const pid_t pid = fork();
    if (pid == 0) {
        std::error_code error;
        i2c_bus{sim.bus(), {.timeout = 0s}}.write(ads1115, {0x00}, error);
        _exit(error == i2c_errc::lock_timeout ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
}

TEST(i2c_session, an_inherited_bus_says_so_at_once_whatever_the_parents_threads_did)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::atomic<bool> stop{false};
    std::thread busy{[&] {
        while (!stop)
            const auto session = bus.session();
    }};
    int wrong = 0;
    for (int i = 0; i < 50; ++i) {
        const pid_t pid = fork();
        if (pid == 0) {
            alarm(10); // a child that hangs
            std::error_code error;
            bus.write(ads1115, {0x00}, error);
            const bool in_session =
                !bus.session({}, error) && error == resourcelock::lock_errc::used_after_fork;
            bool thrown = false;
            try {
                bus.lock();
            } catch (const std::system_error& caught) {
                thrown = caught.code() == resourcelock::lock_errc::used_after_fork;
            }
            _exit(in_session && thrown ? 0 : 1);
        }
        int status = -1;
        EXPECT_EQ(waitpid(pid, &status, 0), pid);
        wrong += status != 0;
    }
    stop = true;
    busy.join();
    EXPECT_EQ(wrong, 0);
}

} // namespace
