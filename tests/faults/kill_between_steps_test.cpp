// A program is single-stepped through its calls and killed after every instruction that changed shared
// memory; what the next one finds is compared with what docs/protocol.md says of that step. Long, because who
// steps and what is expected of each step belong together.
#include "figure.hpp"
#include "length.hpp"
#include "peers.hpp"
#include "raw_lock.hpp"
#include "single_step.hpp"
#include "test_names.hpp"
#include "victim.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>

/// A call is led instruction by instruction and killed at every one after which the lock's shared memory has
/// changed: all that a SIGKILL can leave behind, since the rest of the process dies with it. Afterwards the
/// lock has to work.
namespace {

using namespace std::chrono_literals;
using resourcelock::resource_lock;
using test::get_and_unget;
using test::imitated_python;
using test::outlive_a_holder;

/// How long after a death nothing may be concluded from a Python program's silence, and some more.
constexpr auto grace = 300ms;

/// One kill: its lock, who looks after the lock later, and who took it in between.
struct scene {
    test::lock_name name{"step"};
    std::unique_ptr<resource_lock> cpp;
    std::unique_ptr<imitated_python> python;
    bool python_has_left = false;
    int changes = 0; ///< that the victim has made so far
};

using scenes = std::list<scene>;
using step = std::function<void(resource_lock&)>;

/// The same call again and again, on a new lock each time, and killed one change later each time; the last
/// one comes to its end. `prepare` brings the lock into the state that the call shall find. `meanwhile` may
/// play other programs: it is called after every step. The first kill comes after `first` changes.
scenes kill_after_every_change(const step& prepare, const step& call,
                               const std::function<void(scene&)>& meanwhile = {}, int first = 0)
{
    scenes all;
    for (int wanted = first;; ++wanted) {
        auto& each = all.emplace_back();
        std::unique_ptr<resource_lock> lock;
        test::stepped_process process{[&] {
                                          lock = std::make_unique<resource_lock>(each.name.str());
                                          prepare(*lock);
                                      },
                                      [&] { call(*lock); }};
        test::lock_memory memory{each.name};
        const bool killed = process.go_until(test::stride::instruction, [&] {
            each.changes += memory.changed() ? 1 : 0;
            if (each.changes == wanted)
                return true;
            if (meanwhile) {
                meanwhile(each);
                memory.changed(); // by others
            }
            return false;
        });
        process.kill();
        if (!killed)
            break;
    }
    test::figure() << all.size() - 1 << " kills" << std::endl;
    return all;
}

/// A Python program takes every lock that is free, and comes no further for the time being.
void let_python_in(scenes& all)
{
    for (auto& each : all) {
        each.python = std::make_unique<imitated_python>(each.name);
        if (!each.python->take_at_once())
            each.python.reset();
    }
}

/// Where a Python program has the lock, it keeps it; everywhere else a C++ program gets it within a second.
/// In the end every lock is free.
void expect_working_locks(scenes& all)
{
    for (auto& each : all) {
        each.cpp = std::make_unique<resource_lock>(each.name.str());
        if (each.python) {
            EXPECT_FALSE(each.cpp->get_lock({.timeout = 0s}));
            each.python->write_text();
        }
    }
    std::this_thread::sleep_for(grace); // of all locks at once
    int kill = 0;
    for (auto& each : all) {
        SCOPED_TRACE("after kill " + std::to_string(kill++));
        if (each.python) {
            EXPECT_FALSE(each.cpp->get_lock({.timeout = 0s})) << "Python was robbed";
            EXPECT_TRUE(each.python->unget()) << "Python's hold was released";
        }
        EXPECT_TRUE(each.cpp->get_lock({.timeout = 1s, .lock_info = "afterwards"}));
        EXPECT_EQ(each.cpp->lock_value(), 0);
        EXPECT_TRUE(each.cpp->unget_lock());
        EXPECT_EQ(each.cpp->lock_value(), 1);
        EXPECT_FALSE(each.cpp->is_locked());
    }
}

/// How many locks of dead C++ programs stay taken; they are released by force.
int count_taken(scenes& all)
{
    for (auto& each : all)
        each.cpp = std::make_unique<resource_lock>(each.name.str());
    std::this_thread::sleep_for(grace);
    int taken = 0;
    for (auto& each : all) {
        if (each.python)
            continue;
        if (!each.cpp->get_lock({.timeout = 0s}))
            ++taken;
        EXPECT_TRUE(each.cpp->unget_lock({.force = true}));
    }
    return taken;
}

void get(resource_lock& lock) { static_cast<void>(lock.get_lock({.timeout = 0s, .lock_info = "victim"})); }

void get_and_detach(resource_lock& lock)
{
    get(lock);
    lock.detach();
}

/// As nobody has used it yet. The get before makes the next one short: addresses are bound, the time zone is
/// read.
void make_new(resource_lock& lock)
{
    get_and_unget(lock);
    const test::raw_lock raw{lock.lockname()};
    std::memset(raw.segment(), 0, test::raw_lock::size);
}

const step force = [](resource_lock& lock) { lock.unget_lock({.force = true}); };
class kill_between_steps : public test::single_steps {};

} // namespace

TEST_F(kill_between_steps, of_a_first_get_and_unget)
{
    auto all = kill_after_every_change(make_new, get_and_unget);
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_later_get_and_unget)
{
    auto all = kill_after_every_change(get_and_unget, get_and_unget);
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_get_and_unget_robs_no_python_program_that_comes_next)
{
    auto all = kill_after_every_change(get_and_unget, get_and_unget);
    let_python_in(all);
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_get_and_unget_is_forgotten_after_a_python_program)
{
    auto all = kill_after_every_change(get_and_unget, get_and_unget);
    let_python_in(all);
    for (auto& each : all) {
        if (auto python = std::move(each.python)) {
            python->write_text();
            EXPECT_TRUE(python->unget());
        }
    }
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_get_that_inherits_from_a_dead_holder)
{
    auto all = kill_after_every_change(outlive_a_holder, get_and_unget);
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_look_that_frees_the_lock_of_a_dead_holder)
{
    auto all = kill_after_every_change(outlive_a_holder,
                                       [](resource_lock& lock) { static_cast<void>(lock.is_locked()); });
    let_python_in(all);
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_wait_for_a_python_holder_that_times_out)
{
    auto all = kill_after_every_change(
        [](resource_lock& lock) {
            get_and_unget(lock);
            imitated_python{lock.lockname()}.get_at_once();
        },
        [](resource_lock& lock) { static_cast<void>(lock.get_lock({.timeout = 1ms})); });
    for (auto& each : all)
        each.python = std::make_unique<imitated_python>(each.name);
    expect_working_locks(all);
}

// The grace period has to go on from one of them to the next.
TEST_F(kill_between_steps, of_a_get_and_unget_is_recovered_from_by_a_series_of_short_lived_programs)
{
    auto all = kill_after_every_change(get_and_unget, get_and_unget);
    const auto end = std::chrono::steady_clock::now() + 1s;
    auto waiting = all.size();
    while (waiting > 0 && std::chrono::steady_clock::now() < end) {
        for (auto& each : all) {
            if (each.python_has_left)
                continue;
            resource_lock lock{each.name.str()};
            if (!lock.get_lock({.timeout = 0s}))
                continue;
            each.python_has_left = true;
            --waiting;
        }
    }
    EXPECT_EQ(waiting, 0U);
    expect_working_locks(all);
}

// A whole Python get and unget in between our look at the lock and our taking it. Nobody can tell any more
// who took the unit when we die between the decrement and our mark in the text: window W2 of the protocol.
TEST_F(kill_between_steps, of_a_get_overtaken_by_python_leaves_the_lock_taken_after_one_of_them_only)
{
    constexpr int last_change_before_the_text = 8;
    const int every = test::by_length(4, 1, 1);
    int taken = 0;
    for (int overtaken = 0; overtaken <= last_change_before_the_text; overtaken += every) {
        const auto overtake = [&](scene& each) {
            if (each.changes != overtaken || std::exchange(each.python_has_left, true))
                return;
            imitated_python python{each.name};
            if (python.get_at_once())
                python.unget();
        };
        auto all = kill_after_every_change(get_and_unget, get_and_unget, overtake, overtaken + 1);
        taken += count_taken(all);
        expect_working_locks(all);
    }
    EXPECT_LE(taken, 1);
}

// Nobody can tell who took the unit between glibc's decrement and our mark in the text: window W1 of the
// protocol.
TEST_F(kill_between_steps, of_a_wait_that_ends_with_the_lock_leaves_it_taken_after_one_of_them_only)
{
    auto all = kill_after_every_change(
        [](resource_lock& lock) {
            get_and_unget(lock);
            imitated_python{lock.lockname()}.get_at_once();
        },
        [](resource_lock& lock) {
            if (lock.get_lock({.timeout = 10s}))
                lock.unget_lock();
        },
        [](scene& each) {
            if (each.python_has_left)
                return;
            if (!each.python)
                each.python = std::make_unique<imitated_python>(each.name);
            if (each.python->is_waited_for()) {
                each.python->unget();
                each.python.reset();
                each.python_has_left = true;
            }
        });
    for (auto& each : all) {
        if (!each.python_has_left)
            each.python = std::make_unique<imitated_python>(each.name);
    }
    EXPECT_LE(count_taken(all), 1);
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_set_lock_info_by_the_holder)
{
    for (const auto* const text : {"progress 3", "2025-11-06 10:38:11.545309 - a time of its own"}) {
        auto all = kill_after_every_change(get, [&](resource_lock& lock) { lock.set_lock_info(text); });
        expect_working_locks(all);
    }
}

TEST_F(kill_between_steps, of_a_forced_unget_of_a_python_hold)
{
    auto all = kill_after_every_change(
        [](resource_lock& lock) { imitated_python{lock.lockname()}.get_at_once(); }, force);
    for (auto& each : all) {
        each.python = std::make_unique<imitated_python>(each.name);
        if (!each.python->holds()) { // and takes it again at once
            EXPECT_TRUE(each.python->get_at_once());
        }
    }
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_forced_unget_of_a_detached_hold)
{
    auto all = kill_after_every_change(get_and_detach, force);
    let_python_in(all);
    for (auto& each : all) { // not released yet, or not entirely
        if (!each.python)
            resource_lock{each.name}.unget_lock({.force = true});
    }
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_detach)
{
    auto all = kill_after_every_change(get, [](resource_lock& lock) { lock.detach(); });
    for (auto& each : all) {
        resource_lock lock{each.name};
        if (lock.state().status == resourcelock::owner_status::detached) {
            EXPECT_TRUE(lock.unget_lock({.force = true}));
        }
    }
    expect_working_locks(all);
}

TEST_F(kill_between_steps, of_a_get_shows_no_half_written_text)
{
    NEEDS_PYTHON;
    const test::lock_name name;
    auto python = test::peer::python(name);
    const resource_lock cpp{name};
    std::unique_ptr<resource_lock> lock;
    test::stepped_process writer{[&] {
                                     lock = std::make_unique<resource_lock>(name.str());
                                     get_and_unget(*lock);
                                 },
                                 [&] { get(*lock); }};
    const test::lock_memory memory{name};

    ASSERT_TRUE(writer.go_until(test::stride::instruction, [&] { return memory.text_is_being_written(); }));

    EXPECT_EQ(python.ask("info"), "");
    EXPECT_EQ(cpp.get_lock_info(), "");
}

TEST(kill_between_system_calls, of_the_first_open_leaves_a_lock_that_can_be_opened)
{
    if (const auto reason = test::no_tracing())
        GTEST_SKIP() << *reason;
    scenes all;
    for (int wanted = 1;; ++wanted) {
        const auto& name = all.emplace_back().name;
        test::stepped_process process{[] {}, [&] { resource_lock lock{name.str()}; }};
        int calls = 0;
        const bool killed = process.go_until(test::stride::system_call, [&] { return ++calls == wanted; });
        process.kill();
        if (!killed)
            break;
    }
    test::figure() << all.size() - 1 << " kills" << std::endl;
    expect_working_locks(all);
}
