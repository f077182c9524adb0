// What ends the program `resourcelock` before its time: signals, closed pipes, a full disk.
#include "printed_lines.hpp"
#include "program.hpp"
#include "signal_handling.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>

using namespace std::chrono_literals;
using test::child;
using test::command;
using test::handles_signals;
using test::is_locked;
using test::lock_name;
using test::not_got;
using test::outcome;
using test::released;
using test::run_program;
using test::run_script;
using test::unlocked;

namespace {

TEST(command_line, auto_unget_releases_at_once_on_a_signal)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        const lock_name lock;
        auto program = child::of(command({lock, "get", "-a", "1000"}));
        program.line();
        program.line();
        program.signal(signal);
        EXPECT_EQ(test::without_times(program.rest()), released(lock));
        EXPECT_EQ(program.wait(), 0);
        EXPECT_FALSE(is_locked(lock));
    }
}

TEST(command_line, a_signal_ends_the_wait_for_the_lock)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        const lock_name lock;
        run_program({lock, "get"});
        auto waiting = child::of(command({lock, "get", "-t", "-1"}));
        ASSERT_TRUE(handles_signals(waiting));
        waiting.signal(signal);
        EXPECT_EQ(test::without_times(waiting.rest()), not_got(lock));
        EXPECT_EQ(waiting.wait(), 1);
        run_program({lock, "unget"});
        EXPECT_FALSE(is_locked(lock));
    }
}

TEST(command_line, trace_prints_the_state_again_and_again_until_a_signal)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        const lock_name lock;
        auto program = child::of(command({lock, "trace", "-u", "0.01"}), true);
        EXPECT_EQ(program.line().value_or("") + '\n', unlocked(lock, ""));
        EXPECT_EQ(program.line().value_or("") + '\n', unlocked(lock, ""));
        run_program({lock, "get"});
        while (program.line().value_or("locked").find("<True>") == std::string::npos) {
        }
        program.signal(signal);
        program.rest();
        EXPECT_EQ(program.wait(), 0);
    }
}

TEST(command_line, a_signal_that_it_was_told_to_ignore_is_ignored)
{
    const lock_name lock;
    auto program =
        child::of({"bash", "-c", "trap '' INT; exec \"$0\" \"$1\" trace -u 0.01", RESOURCELOCK, lock});
    EXPECT_TRUE(program.line());
    program.signal(SIGINT);
    for (int line = 0; line < 50; ++line)
        EXPECT_TRUE(program.line()) << "it has ended";
    program.signal(SIGTERM);
    program.rest();
    EXPECT_EQ(program.wait(), 0);
}

TEST(command_line, a_second_signal_ends_a_stuck_program)
{
    const lock_name lock;
    auto program = child::of(command({lock, "trace", "-u", "1e-9"}));
    ASSERT_TRUE(handles_signals(program));
    while (!program.wait(20ms)) // nobody reads: it gets stuck when the pipe is full
        program.signal(SIGTERM);
    EXPECT_TRUE(program.wait() == 0 || program.wait() == 128 + SIGTERM);
}

TEST(command_line, a_closed_pipe_ends_a_trace_quietly)
{
    const lock_name lock;
    EXPECT_EQ(run_script("$0 $1 trace -u 0.01 | head -n 1; echo ${PIPESTATUS[0]}", lock),
              (outcome{unlocked(lock, "") + "0\n", 0}));
}

TEST(command_line, a_closed_pipe_ends_a_slow_trace_too)
{
    const lock_name lock;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(run_script("$0 $1 trace -u 60 | head -n 1; echo ${PIPESTATUS[0]}", lock),
              (outcome{unlocked(lock, "") + "0\n", 0}));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
}

TEST(command_line, a_closed_pipe_is_no_error_of_the_other_commands)
{
    const lock_name lock;
    EXPECT_EQ(run_script("$0 $1 get | :; echo ${PIPESTATUS[0]}", lock), (outcome{"0\n", 0}));
    EXPECT_TRUE(is_locked(lock));
    EXPECT_EQ(run_script("$0 $1 unget | :; echo ${PIPESTATUS[0]}", lock), (outcome{"0\n", 0}));
    for (const std::string arguments :
         {"state", "state -J", "stats", "stats -J", "doctor", "unget --if-dead", "reap", "remove"}) {
        run_program({lock, "state"});
        const auto usual = run_script("$0 $1 " + arguments + " >/dev/null; echo $?", lock).output;
        run_program({lock, "state"});
        EXPECT_EQ(run_script("exec 3> >(:); wait $!; $0 $1 " + arguments + " >&3; echo $?", lock).output,
                  usual)
            << arguments;
    }
}

TEST(command_line, a_closed_pipe_is_no_error_of_help_and_version)
{
    for (const std::string option : {"--help", "--version"})
        EXPECT_EQ(run_script("exec 3> >(:); wait $!; $0 " + option + " >&3; echo $?", ""),
                  (outcome{"0\n", 0}))
            << option;
}

TEST(command_line, a_full_disk_is_an_error_and_leaves_nothing_held)
{
    const lock_name lock;
    const auto expected =
        outcome{"resourcelock: cannot write to the standard output: No space left on device\n", 71};
    for (const std::string arguments :
         {"$1 get", "$1 get -a 1000", "$1 unget", "$1 unget --if-dead", "$1 state", "$1 state -J", "$1 trace",
          "$1 trace --changes", "$1 doctor", "$1 reap", "$1 stats", "$1 stats -J", "$1 remove", "list",
          "list -J", "-h", "-V"}) {
        EXPECT_EQ(run_script("$0 " + arguments + " >/dev/full", lock), expected) << arguments;
        EXPECT_FALSE(is_locked(lock));
    }
}

} // namespace
