// `unget --if-dead`, `reap`, `remove` and `stats`: nothing that anybody may be using is freed or removed.
#include "lock_files.hpp"
#include "peers.hpp"
#include "program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using nlohmann::json;
using test::child;
using test::command;
using test::holder_of;
using test::is_locked;
using test::lock_name;
using test::outcome;
using test::peer;
using test::run_program;
using test::run_script;
using test::sees_all_processes;

namespace {

const auto if_dead = [](const lock_name& lock) { return run_program({lock, "unget", "--if-dead"}); };
const auto unget = [](const lock_name& lock) { return run_program({lock, "unget"}); };
const auto reap = [](const lock_name& lock) { return run_program({lock, "reap"}); };

outcome said(const lock_name& lock, const std::string& call, bool returned, const std::string& locked,
             const std::string& info = "TIME - cli")
{
    return {"<" + lock.str() + "> " + call + " called - Returned <" + (returned ? "True" : "False") +
                ">, Currently locked: <" + locked + ">, Lock info: <" + info + ">\n",
            returned ? 0 : 1};
}

bool exists(const lock_name& lock)
{
    return std::filesystem::exists(lock.info_path()) || std::filesystem::exists(lock.semaphore_path());
}

} // namespace

TEST(freeing, a_dead_holders_lock_is_freed)
{
    for (const auto& [call, free] :
         {std::pair{"unget_lock", +if_dead}, std::pair{"unget_lock", +unget}, std::pair{"reap", +reap}}) {
        const lock_name lock;
        holder_of(lock).kill();
        EXPECT_EQ(free(lock), said(lock, call, true, "False"));
        EXPECT_EQ(free(lock), said(lock, call, false, "False")) << "there is nothing left to do";
    }
}

TEST(freeing, a_holder_that_died_between_two_steps_is_dead_too)
{
    for (const auto free : {+if_dead, +unget, +reap})
        for (const auto phase : {std::uint64_t{2}, std::uint64_t{4}}) {
            const lock_name lock;
            holder_of(lock).kill();
            test::set_phase(lock, phase);
            EXPECT_EQ(free(lock).exit_code, 0);
            EXPECT_FALSE(is_locked(lock));
        }
}

TEST(freeing, a_lock_that_does_not_exist_is_not_made)
{
    for (const auto free : {+if_dead, +reap}) {
        const lock_name lock;
        EXPECT_EQ(free(lock), (outcome{"resourcelock: there is no lock <" + lock.str() + ">\n", 1}));
        EXPECT_FALSE(std::filesystem::exists(lock.info_path()));
    }
}

TEST(freeing, a_living_holder_keeps_the_lock)
{
    for (const auto& [call, free] : {std::pair{"unget_lock", +if_dead}, std::pair{"reap", +reap}}) {
        const lock_name lock;
        const auto holder = holder_of(lock);
        EXPECT_EQ(free(lock), said(lock, call, false, "True"));
        holder.signal(SIGSTOP);
        EXPECT_EQ(free(lock), said(lock, call, false, "True"));
        EXPECT_TRUE(is_locked(lock));
    }
}

TEST(freeing, a_lock_held_on_purpose_stays_held)
{
    for (const auto& [call, free] : {std::pair{"unget_lock", +if_dead}, std::pair{"reap", +reap}}) {
        const lock_name lock;
        run_program({lock, "get"});
        EXPECT_EQ(free(lock), said(lock, call, false, "True"));
    }
}

TEST(freeing, a_living_python_holder_keeps_the_lock)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock);
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    EXPECT_EQ(if_dead(lock), said(lock, "unget_lock", false, "True", "TIME - reader"));
    EXPECT_EQ(reap(lock), said(lock, "reap", false, "True", "TIME - reader"));
}

TEST(freeing, a_dead_python_holders_lock_is_freed_by_who_sees_all_processes)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock);
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    python.kill();
    EXPECT_EQ(reap(lock).exit_code, 1);
    const bool sees = sees_all_processes();
    EXPECT_EQ(if_dead(lock), said(lock, "unget_lock", sees, sees ? "False" : "True", "TIME - reader"));
}

TEST(remove, removes_a_free_lock_and_what_a_bus_keeps_beside_it)
{
    const lock_name lock;
    run_program({lock, "get", "-a", "0"});
    const auto touched = lock.info_path() + ".touched";
    std::ofstream{touched} << "i2c touched 1";
    EXPECT_EQ(run_program({lock, "remove"}), (outcome{"<" + lock.str() + "> removed\n", 0}));
    EXPECT_FALSE(exists(lock));
    EXPECT_FALSE(std::filesystem::exists(touched));
    EXPECT_EQ(run_program({lock, "remove"}),
              (outcome{"resourcelock: there is no lock <" + lock.str() + ">\n", 1}));
    EXPECT_FALSE(exists(lock));
}

TEST(remove, leaves_another_lock_whose_name_is_like_that)
{
    const lock_name lock;
    run_program({lock, "state"});
    run_program({lock.str() + ".touched", "get"});
    EXPECT_EQ(run_program({lock, "remove"}).exit_code, 0);
    EXPECT_TRUE(std::filesystem::exists(lock.info_path() + ".touched"));
    EXPECT_TRUE(is_locked(lock.str() + ".touched"));
    run_program({lock.str() + ".touched", "unget"});
    EXPECT_EQ(run_program({lock.str() + ".touched", "remove"}).exit_code, 0);
}

TEST(remove, is_refused_while_anybody_holds_the_lock)
{
    const auto refused = [](const lock_name& lock) {
        const auto result = run_program({lock, "remove"});
        EXPECT_EQ(result, (outcome{"resourcelock: lock <" + lock.str() +
                                       "> is held, and stays; who holds it, tells: resourcelock " +
                                       lock.str() + " doctor\n",
                                   1}));
        return exists(lock) && is_locked(lock);
    };
    const lock_name lock;
    {
        auto holder = holder_of(lock);
        EXPECT_TRUE(refused(lock));
    }
    run_program({lock, "get"});
    EXPECT_TRUE(refused(lock)) << "held on purpose";
    run_program({lock, "unget"});
    test::set_count(lock, 0);
    EXPECT_TRUE(refused(lock)) << "held by a Python program";
}

TEST(remove, removes_the_lock_of_a_dead_holder)
{
    const lock_name lock;
    holder_of(lock).kill();
    EXPECT_EQ(run_program({lock, "remove"}).exit_code, 0);
    EXPECT_FALSE(exists(lock));
}

TEST(remove, names_who_has_the_lock_open_and_they_notice)
{
    const lock_name lock;
    auto user = peer::cpp(lock);
    const auto result = run_program({lock, "remove"});
    EXPECT_EQ(result.exit_code, 0);
    const auto named = " was open in: " + std::to_string(user.process().pid()) + " ";
    EXPECT_NE(result.output.find(named), std::string::npos) << result;
    EXPECT_NE(user.ask("get 5 late"), "True");
    const auto holder = holder_of(lock);
    EXPECT_TRUE(is_locked(lock)) << "the new lock is nobody else's";
}

TEST(freeing, a_file_that_may_be_no_lock_is_left_alone)
{
    const lock_name lock;
    std::ofstream{lock.info_path()} << "somebody else's";
    for (const test::words& command :
         std::vector<test::words>{{"unget", "--if-dead"}, {"reap"}, {"remove"}}) {
        test::words arguments{lock};
        arguments.insert(arguments.end(), command.begin(), command.end());
        const auto result = run_program(arguments);
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_NE(result.output.find("only one of the two files"), std::string::npos) << result;
        EXPECT_EQ(test::content_of(lock.info_path()), "somebody else's");
        EXPECT_FALSE(std::filesystem::exists(lock.semaphore_path()));
    }
}

TEST(remove, by_another_user_removes_nothing_and_leaves_the_lock_free)
{
    NEEDS_ROOT;
    const lock_name lock;
    run_program({lock, "state"});
    chmod(lock.info_path().c_str(), 0666);
    chmod(lock.semaphore_path().c_str(), 0666);
    const auto [output, exit_code] = run_script(test::as_nobody() + "$0 $1 remove", lock);
    EXPECT_EQ(exit_code, 71);
    EXPECT_TRUE(output.starts_with("resourcelock: cannot remove " + lock.info_path())) << output;
    EXPECT_TRUE(std::filesystem::exists(lock.info_path()) && std::filesystem::exists(lock.semaphore_path()));
    EXPECT_FALSE(is_locked(lock));
}

TEST(stats, count_what_programs_of_ours_did)
{
    const lock_name lock;
    EXPECT_EQ(run_program({lock, "stats"}),
              (outcome{"resourcelock: there is no lock <" + lock.str() + ">\n", 1}));
    EXPECT_FALSE(exists(lock));
    run_program({lock, "state"});
    run_program({lock, "get", "-a", "0"});
    EXPECT_EQ(
        run_program({lock, "stats"}),
        (outcome{"<" + lock.str() + "> Acquisitions: <1>, Contended: <0> (0.0 %), Recoveries: <0>\n", 0}));
}

TEST(stats, of_files_that_are_no_lock_are_none)
{
    const lock_name lock;
    std::ofstream{lock.info_path()} << "somebody else's";
    EXPECT_EQ(run_program({lock, "stats"}),
              (outcome{"resourcelock: there is no lock <" + lock.str() + ">\n", 1}));
    std::ofstream{lock.semaphore_path()} << "and this";
    EXPECT_EQ(run_program({lock, "stats"}),
              (outcome{"resourcelock: the files of <" + lock.str() + "> are not those of a lock\n", 1}));
}

TEST(stats, as_json_are_numbers)
{
    const lock_name lock;
    const auto stats = [&lock] { return json::parse(run_program({lock, "stats", "-J"}).output); };
    run_program({lock, "run", "--", "true"});
    auto waited_for = holder_of(lock);
    auto waiting = child::of(command({lock, "run", "--", "true"}));
    EXPECT_TRUE(test::becomes_true([&] {
        return run_program({lock, "state", "-J"}).output.find("\"waiters\": 1") != std::string::npos;
    }));
    run_program({lock, "unget"});
    EXPECT_EQ(waiting.wait(), 0);
    EXPECT_EQ(stats(), (json{{"name", lock.str()},
                             {"acquisitions", 3},
                             {"contended", 1},
                             {"contended_share", 1.0 / 3},
                             {"recoveries", 0}}));
    holder_of(lock).kill();
    run_program({lock, "reap"});
    EXPECT_EQ(stats().at("recoveries"), 1);
    EXPECT_EQ(stats().at("acquisitions"), 4);
}
