// A holder is killed at every step of the protocol, beside every kind of waiter; each row of the table says
// what becomes of the lock. Long, because of these tables.
#include "child.hpp"
#include "figure.hpp"
#include "raw_lock.hpp"
#include "single_step.hpp"
#include "test_names.hpp"
#include "victim.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

/// A program is stopped after every change it makes to the lock's memory; then somebody comes who wants the
/// lock, or nobody; then the program is killed where it stands. What becomes of the one who waits depends on
/// the owner word and the semaphore alone, as the tables below say.
namespace {

using namespace std::chrono_literals;
using resourcelock::resource_lock;
using test::get_and_unget;
using test::outlive_a_holder;

/// Longer than a free lock needs to be had, mostly.
constexpr auto at_once = 50ms;
/// The end of the grace, two slices, and a machine that does other things too.
constexpr auto recovered_by = 2s;
/// How long after a death nothing may be concluded from a Python program's silence, and some more.
constexpr auto grace = 300ms;

/// Waits for the lock, tells how it got it, and keeps it until told.
const test::role wait_for_lock{"wait_for_lock", [](const std::vector<std::string>& args) {
                                   const auto& name = args.at(0);
                                   if (args.at(1) == "Python") {
                                       const test::imitated_python python{name};
                                       test::say("waiting");
                                       if (!python.take(test::deadline))
                                           return 1;
                                       python.write_text();
                                       test::say("got");
                                       test::hear();
                                       return python.unget() ? 0 : 2;
                                   }
                                   resource_lock lock{name};
                                   test::say("waiting");
                                   if (!lock.get_lock({.timeout = test::deadline, .lock_info = "waiter"}))
                                       return 1;
                                   test::say(lock.recovered() ? "got, recovered" : "got");
                                   test::hear();
                                   return lock.unget_lock() ? 0 : 2;
                               }};

/// How the lock stood when the victim was stopped.
struct situation {
    std::string_view word;
    int units = 0;

    friend bool operator<(const situation& a, const situation& b)
    {
        return std::tie(a.word, a.units) < std::tie(b.word, b.units);
    }
};

struct expectation {
    std::string_view word;
    int units = 0;
    std::string_view cpp_waiter;
    std::string_view python_waiter;
    std::string_view next_cpp;     ///< nobody waits; somebody comes later
    std::string_view sleeping_cpp; ///< waits since the victim had the lock; empty: it has not had it yet
};

/// Who waits, and what the table says of him.
struct column {
    std::string waiter;
    std::string_view expectation::*expected;
};

/// One kill.
struct cell {
    test::lock_name name{"matrix"};
    situation seen;
    std::optional<test::child> waiter;
    std::string outcome;
};

using step = std::function<void(resource_lock&)>;

/// What the victim finds, and what it does.
struct scene {
    step prepare;
    step call;
    bool holder_is_dead = false; ///< that it finds
    bool python_holds = false;   ///< all the while
    int most_changes = 100;      ///< after which it is enough
};

std::uint64_t word_of(const test::raw_lock& raw)
{
    std::uint64_t word = 0;
    std::memcpy(&word, raw.read(test::raw_lock::word_at, sizeof word).data(), sizeof word);
    return word;
}

constexpr unsigned phase_bits = 61; // from here on

/// Whose word it is; 0 of nobody.
std::uint64_t owner_in(const std::string& lock_name)
{
    return word_of(test::raw_lock{lock_name}) & ((std::uint64_t{1} << phase_bits) - 1);
}

situation look_at(const std::string& lock_name)
{
    constexpr std::array<std::string_view, 6> phases{"free", "waiting",   "acquiring",
                                                     "held", "releasing", "detached"};
    const test::raw_lock raw{lock_name};
    situation seen{.word = phases.at(static_cast<std::size_t>(word_of(raw) >> phase_bits))};
    sem_getvalue(raw.semaphore(), &seen.units);
    return seen;
}

const expectation* find(const std::vector<expectation>& table, const situation& seen)
{
    const auto line = std::ranges::find_if(
        table, [&](const auto& row) { return row.word == seen.word && row.units == seen.units; });
    return line == table.end() ? nullptr : &*line;
}

void start_waiter(cell& result, const std::string& kind)
{
    result.waiter.emplace(test::child::in_role("wait_for_lock", {result.name, kind}));
    EXPECT_EQ(result.waiter->line(), "waiting");
}

/// Stops a victim after `changes` changes or at the end of its call, lets somebody wait, kills it. False:
/// that was the end.
bool kill_after(int changes, const scene& played, const std::vector<expectation>& table, const column& who,
                cell& result)
{
    std::unique_ptr<resource_lock> lock;
    test::stepped_process victim{[&] {
                                     lock = std::make_unique<resource_lock>(result.name.str());
                                     played.prepare(*lock);
                                 },
                                 [&] { played.call(*lock); }};
    test::lock_memory memory{result.name};
    const bool sleeps_since_held = who.waiter == "C++, asleep";
    int seen = 0;
    bool is_out = false; // after that, changes are the waiter's, who may have the lock already
    std::uint64_t victims_word = 0;
    const bool goes_on = victim.go_until(test::stride::instruction, [&] {
        if (memory.changed()) {
            ++seen;
            is_out = result.waiter && owner_in(result.name) != victims_word;
            if (sleeps_since_held && !result.waiter && look_at(result.name).word == "held") {
                victims_word = owner_in(result.name);
                start_waiter(result, "C++");
                EXPECT_FALSE(result.waiter->line(at_once));
                memory.changed(); // by the waiter
            }
        }
        return seen == changes || is_out;
    });
    result.seen = is_out ? situation{"free", 1} : look_at(result.name);
    if (changes == 0 && played.holder_is_dead)
        result.seen.word = "held by the dead";
    if (who.waiter == "C++" || who.waiter == "Python")
        start_waiter(result, who.waiter);
    if (result.waiter) {
        const auto* const line = find(table, result.seen);
        const bool is_had_at_once = line != nullptr && (*line.*who.expected).ends_with("at once");
        if (const auto got = result.waiter->line(is_had_at_once ? test::deadline : at_once))
            result.outcome = *got + " at once";
    }
    victim.kill();
    return goes_on && !is_out;
}

/// What became of those who had not got the lock when the victim was killed.
void find_out(std::list<cell>& cells, const std::string& waiter, const scene& played)
{
    if (waiter == "Python" || played.python_holds)
        std::this_thread::sleep_for(grace);
    for (auto& each : cells) {
        if (!each.waiter || !each.outcome.empty())
            continue;
        if (const auto got =
                each.waiter->line(waiter == "Python" || played.python_holds ? 1ms : recovered_by))
            each.outcome = *got + " after the kill";
    }
    std::list<std::unique_ptr<resource_lock>> newcomers;
    for (auto& each : cells)
        newcomers.push_back(std::make_unique<resource_lock>(each.name.str()));
    std::this_thread::sleep_for(grace);
    auto newcomer = newcomers.begin();
    for (auto& each : cells) {
        auto& lock = **newcomer++;
        if (played.python_holds) {
            EXPECT_FALSE(lock.get_lock({.timeout = 0s})) << "Python was robbed";
            EXPECT_TRUE(test::imitated_python{each.name}.unget());
        }
        const auto when = played.python_holds ? " after Python's unget" : " after an open";
        if (!each.waiter) {
            EXPECT_TRUE(lock.get_lock({.timeout = 5s}));
            each.outcome = lock.recovered() ? "got, recovered" : "got";
            EXPECT_TRUE(lock.unget_lock());
        } else {
            if (each.outcome.empty()) {
                static_cast<void>(lock.is_locked());
                each.outcome = each.waiter->line().value_or("nothing") + when;
            }
            EXPECT_FALSE(lock.get_lock({.timeout = 0s})) << "the waiter was robbed";
            each.waiter->tell("go");
            EXPECT_EQ(each.waiter->wait(), 0) << "its hold was released";
            EXPECT_TRUE(lock.get_lock({.timeout = 5s}));
            EXPECT_TRUE(lock.unget_lock());
        }
        EXPECT_EQ(lock.lock_value(), 1);
        EXPECT_FALSE(lock.is_locked());
    }
}

std::list<cell> kill_after_every_change(const scene& played, const std::vector<expectation>& table,
                                        const column& who)
{
    std::list<cell> cells;
    // A text that is written in the same tick as the one before changes fewer words: go on past the first
    // end.
    int ends = 0;
    for (int changes = 0; changes <= played.most_changes && ends < 3; ++changes) {
        ends += kill_after(changes, played, table, who, cells.emplace_back()) ? 0 : 1;
        if (who.waiter == "C++, asleep" && !cells.back().waiter)
            cells.pop_back(); // killed before it had the lock
    }
    find_out(cells, who.waiter, played);
    return cells;
}

/// Every outcome is the one in the table, and every line of the table occurred.
void expect_outcomes(const scene& played, const std::vector<expectation>& table)
{
    std::set<situation> occurred;
    std::size_t kills = 0;
    for (const column& who :
         {column{"C++", &expectation::cpp_waiter}, column{"Python", &expectation::python_waiter},
          column{"nobody", &expectation::next_cpp}, column{"C++, asleep", &expectation::sleeping_cpp}}) {
        if (played.python_holds && who.waiter == "C++, asleep")
            continue; // the victim never has the lock
        for (const auto& each : kill_after_every_change(played, table, who)) {
            const auto seen = std::string{each.seen.word} + ", " + std::to_string(each.seen.units) + " units";
            std::cout << "change " << kills++ << ": " << seen << "; " << who.waiter
                      << " waits: " << each.outcome << '\n';
            occurred.insert(each.seen);
            if (const auto* const line = find(table, each.seen))
                EXPECT_EQ(each.outcome, *line.*who.expected) << seen << ", " << who.waiter << " waits";
            else
                ADD_FAILURE() << "not in the table: " << seen;
        }
    }
    EXPECT_EQ(occurred.size(), table.size()) << "a line of the table did not occur";
    test::figure() << kills << " kills in " << occurred.size() << " situations, each as in the table"
                   << std::endl;
}

const std::vector<expectation> outcomes{
    {"free", 1, "got at once", "got at once", "got", "got at once"},
    {"waiting", 1, "got after the kill", "got at once", "got", ""},
    {"acquiring", 1, "got after the kill", "got at once", "got", ""},
    {"acquiring", 0, "got, recovered after the kill", "got after an open", "got, recovered", ""},
    {"held", 0, "got, recovered after the kill", "got after an open", "got, recovered",
     "got, recovered after the kill"},
    {"releasing", 0, "got, recovered after the kill", "got after an open", "got, recovered",
     "got, recovered after the kill"},
    {"releasing", 1, "got after the kill", "got at once", "got", "got after the kill"},
};

class kill_matrix : public test::single_steps {};

} // namespace

TEST_F(kill_matrix, of_a_get_and_unget)
{
    expect_outcomes({.prepare = get_and_unget, .call = get_and_unget}, outcomes);
}

TEST_F(kill_matrix, of_a_get_that_inherits)
{
    std::vector<expectation> inheriting{
        {"held by the dead", 0, "got, recovered at once", "got after an open", "got, recovered", ""}};
    for (const auto& line : outcomes) {
        if (line.word != "waiting" && !(line.word == "acquiring" && line.units > 0))
            inheriting.push_back(line); // it has the unit from the start
    }
    expect_outcomes({.prepare = outlive_a_holder, .call = get_and_unget, .holder_is_dead = true}, inheriting);
}

TEST_F(kill_matrix, of_a_wait_for_python)
{
    const auto hold_like_python = [](resource_lock& lock) {
        get_and_unget(lock);
        test::imitated_python{lock.lockname()}.get_at_once();
    };
    const auto wait = [](resource_lock& lock) { static_cast<void>(lock.get_lock({.timeout = 10s})); };
    constexpr std::string_view later = "got after Python's unget";
    expect_outcomes({.prepare = hold_like_python, .call = wait, .python_holds = true, .most_changes = 5},
                    {{"free", 0, later, later, "got", ""}, {"waiting", 0, later, later, "got", ""}});
}
