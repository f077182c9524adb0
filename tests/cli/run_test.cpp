// `resourcelock NAME run`: holds the lock while a foreign program runs, and ends as flock(1) does.
// Long, because each way to end has its test.
#include "peers.hpp"
#include "program.hpp"
#include "signal_handling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

using test::child;
using test::command;
using test::holder_of;
using test::is_locked;
using test::lock_name;
using test::outcome;
using test::run_program;
using test::run_script;
using test::words;

namespace {

outcome run_in(const lock_name& lock, words arguments)
{
    words all{lock, "run"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(all);
}

/// A command that runs until it is told to end.
const std::string for_ever = "echo ready; while :; do sleep 0.01; done";

child start(const lock_name& lock, const std::string& script)
{
    auto program = child::of(command({lock, "run", "--", "bash", "-c", script}));
    EXPECT_EQ(program.line(), "ready");
    return program;
}

bool lives(pid_t pid) { return ::kill(pid, 0) == 0; }

const std::vector<std::pair<int, std::string>> passed_on{{SIGHUP, "HUP"},   {SIGINT, "INT"},
                                                         {SIGQUIT, "QUIT"}, {SIGUSR1, "USR1"},
                                                         {SIGUSR2, "USR2"}, {SIGTERM, "TERM"}};

} // namespace

TEST(run, ends_as_the_command_ends)
{
    const lock_name lock;
    EXPECT_EQ(run_in(lock, {"--", "true"}), (outcome{"", 0}));
    EXPECT_EQ(run_in(lock, {"true"}), (outcome{"", 0}));
    EXPECT_EQ(run_in(lock, {"--", "sh", "-c", "exit 7"}), (outcome{"", 7}));
    EXPECT_EQ(run_in(lock, {"--", "sh", "-c", "exit 255"}), (outcome{"", 255}));
    EXPECT_EQ(run_in(lock, {"-c", "exit 3"}), (outcome{"", 3}));
    EXPECT_EQ(run_in(lock, {"-c", "kill -TERM $$"}), (outcome{"", 128 + SIGTERM}));
    EXPECT_EQ(run_in(lock, {"-c", "kill -KILL $$"}), (outcome{"", 128 + SIGKILL}));
    EXPECT_FALSE(is_locked(lock));
}

TEST(run, holds_the_lock_as_long_as_the_command_runs)
{
    const lock_name lock;
    const auto result = run_in(lock, {"--", RESOURCELOCK, lock, "state"});
    EXPECT_EQ(result, (outcome{"<" + lock.str() + "> Currently locked: <True>, Lock info: <TIME - " +
                                   RESOURCELOCK + " " + lock.str() + " state>\n",
                               0}));
    EXPECT_FALSE(is_locked(lock));
}

TEST(run, the_text_of_the_hold_is_the_command_as_a_shell_reads_it)
{
    const lock_name lock;
    const auto text = [&lock] {
        const auto output = run_program({lock, "state"}).output;
        const std::string before = "Lock info: <TIME - ";
        return output.substr(output.find(before) + before.size());
    };
    run_in(lock, {"--", "echo", "a  b", "it's", "$HOME"});
    EXPECT_EQ(text(), R"(echo 'a  b' 'it'\''s' '$HOME'>)"
                      "\n");
    run_in(lock, {"-m", "firmware", "--", "true"});
    EXPECT_EQ(text(), "firmware>\n");
}

TEST(run, what_stands_behind_the_command_is_its_own)
{
    const lock_name lock;
    EXPECT_EQ(run_in(lock, {"--", "echo", "-J", "--", "--help"}), (outcome{"-J -- --help\n", 0}));
    EXPECT_EQ(run_in(lock, {"echo", "-e", "a", "-n", "--", "-v"}), (outcome{"a -n -- -v\n", 0}));
    EXPECT_EQ(run_in(lock, {"-n", "-E", "4", "echo", "-w", "5"}), (outcome{"-w 5\n", 0}));
    EXPECT_EQ(run_in(lock, {"--", "printf", "%s|", "", "a b"}), (outcome{"|a b|", 0}));
}

TEST(run, the_shell_is_the_users)
{
    const lock_name lock;
    EXPECT_EQ(run_script("SHELL=/bin/echo $0 $1 run -c 'a  b'", lock), (outcome{"-c a  b\n", 0}));
    EXPECT_EQ(run_script("SHELL= $0 $1 run -c 'echo $0'", lock), (outcome{"/bin/sh\n", 0}));
    EXPECT_EQ(run_script("unset SHELL; $0 $1 run --command 'echo $0'", lock), (outcome{"/bin/sh\n", 0}));
}

TEST(run, the_commands_input_and_output_are_ours)
{
    const lock_name lock;
    EXPECT_EQ(run_script("echo text | $0 $1 run -- cat", lock), (outcome{"text\n", 0}));
    EXPECT_EQ(run_script("$0 $1 run -- yes | head -n 1; echo ${PIPESTATUS[0]}", lock),
              (outcome{"y\n141\n", 0}));
    EXPECT_FALSE(is_locked(lock));
}

TEST(run, fails_when_the_lock_is_held)
{
    const lock_name lock;
    const auto holder = holder_of(lock);
    const auto conflict = [](int code) { return outcome{"", code}; };
    EXPECT_EQ(run_in(lock, {"-n", "--", "echo", "no"}), conflict(1));
    EXPECT_EQ(run_in(lock, {"--nonblock", "echo", "no"}), conflict(1));
    EXPECT_EQ(run_in(lock, {"-w", "0", "--", "echo", "no"}), conflict(1));
    EXPECT_EQ(run_in(lock, {"-w", "0.05", "--", "echo", "no"}), conflict(1));
    EXPECT_EQ(run_in(lock, {"--timeout=0.05", "-E", "9", "--", "echo", "no"}), conflict(9));
    EXPECT_EQ(run_in(lock, {"-n", "-E", "0", "--", "echo", "no"}), conflict(0));
    EXPECT_EQ(run_in(lock, {"-n", "--conflict-exit-code", "255", "-c", "echo no"}), conflict(255));
    EXPECT_TRUE(is_locked(lock));
}

TEST(run, says_who_holds_the_lock_if_asked)
{
    const lock_name lock;
    const auto holder = holder_of(lock, "firmware");
    const auto result = run_in(lock, {"-v", "-n", "--", "true"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.output.find("resourcelock: lock <" + lock.str() + "> is held: TIME - firmware\n"),
              std::string::npos)
        << result;
}

TEST(run, waits_until_the_lock_is_free)
{
    const lock_name lock;
    run_program({lock, "get"});
    auto waiting = child::of(command({lock, "run", "--", "echo", "mine"}));
    EXPECT_FALSE(waiting.line(std::chrono::milliseconds{600}));
    run_program({lock, "unget"});
    EXPECT_EQ(waiting.line(), "mine");
    EXPECT_EQ(waiting.wait(), 0);
}

TEST(run, a_command_that_cannot_be_executed_is_said_and_frees_the_lock)
{
    const lock_name lock;
    const std::map<std::string, std::string> commands{
        {"no-such-program", "No such file or directory"},
        {"/dev/null", "Permission denied"},
        {"/", "Permission denied"},
        {"", "No such file or directory"},
    };
    for (const auto& [name, reason] : commands) {
        EXPECT_EQ(run_in(lock, {"--", name}),
                  (outcome{"resourcelock: cannot execute " + name + ": " + reason + "\n", 69}));
        EXPECT_FALSE(is_locked(lock));
    }
    EXPECT_EQ(run_script("SHELL=/no/shell $0 $1 run -c true", lock),
              (outcome{"resourcelock: cannot execute /no/shell: No such file or directory\n", 69}));
}

TEST(run, the_command_is_not_the_holder)
{
    const lock_name lock;
    EXPECT_EQ(run_in(lock, {"--", RESOURCELOCK, lock, "run", "-n", "-E", "5", "--", "true"}),
              (outcome{"", 5}));
}

TEST(run, what_the_command_leaves_in_the_background_holds_nothing)
{
    const lock_name lock;
    const auto result = run_in(lock, {"--", "sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"});
    const auto left = static_cast<pid_t>(std::stoi(result.output));
    EXPECT_TRUE(lives(left));
    EXPECT_FALSE(is_locked(lock));
    ::kill(left, SIGKILL);
}

TEST(run, killed_it_frees_the_lock_and_ends_the_command)
{
    const lock_name lock;
    auto program = start(lock, "trap 'echo told; exit' TERM; " + for_ever);
    EXPECT_TRUE(is_locked(lock));
    program.kill();
    EXPECT_EQ(program.line(), "told");
    EXPECT_EQ(run_in(lock, {"-n", "--", "true"}), (outcome{"", 0}));
}

TEST(run, killed_it_frees_the_lock_also_when_the_command_goes_on)
{
    const lock_name lock;
    auto program = child::of(
        command({lock, "run", "--", "bash", "-c", "trap '' TERM; echo $$; while :; do sleep 0.01; done"}));
    const auto left = static_cast<pid_t>(std::stoi(program.line().value_or("0")));
    ASSERT_GT(left, 0);
    program.kill();
    EXPECT_FALSE(is_locked(lock));
    EXPECT_TRUE(lives(left));
    ::kill(left, SIGKILL);
}

TEST(run, signals_are_passed_on_to_the_command)
{
    for (const auto& [number, name] : passed_on) {
        const lock_name lock;
        auto program = start(lock, "trap 'echo got; exit 5' " + name + "; " + for_ever);
        program.signal(number);
        EXPECT_EQ(program.rest(), "got\n") << name;
        EXPECT_EQ(program.wait(), 5) << name;
        EXPECT_FALSE(is_locked(lock));
    }
}

TEST(run, a_signal_that_ends_the_command_is_told_by_the_exit_code)
{
    for (const int number : {SIGHUP, SIGTERM, SIGUSR1}) {
        const lock_name lock;
        auto program = start(lock, for_ever);
        program.signal(number);
        EXPECT_EQ(program.wait(), 128 + number);
        EXPECT_FALSE(is_locked(lock));
    }
}

TEST(run, goes_on_while_the_command_goes_on)
{
    const lock_name lock;
    // A shell that waits for a process misses no signal, as one that reads a line may.
    auto program = start(lock, "exec 3<&0; trap 'echo once' TERM; head -n 1 <&3 >/dev/null & echo ready;"
                               "while kill -0 $! 2>/dev/null; do wait $!; done; echo more; exit 6");
    program.signal(SIGTERM);
    EXPECT_EQ(program.line(), "once");
    EXPECT_TRUE(is_locked(lock));
    program.signal(SIGTERM);
    EXPECT_EQ(program.line(), "once");
    program.tell("end");
    EXPECT_EQ(program.rest(), "more\n");
    EXPECT_EQ(program.wait(), 6);
}

TEST(run, a_signal_ends_the_wait_and_nothing_is_run)
{
    for (const auto& [number, name] : passed_on) {
        const lock_name lock;
        run_program({lock, "get"});
        auto waiting = child::of(command({lock, "run", "-E", "9", "--", "echo", "no"}), true);
        ASSERT_TRUE(handles_signals(waiting));
        waiting.signal(number);
        EXPECT_EQ(waiting.rest(), "") << name;
        EXPECT_EQ(waiting.wait(), 128 + number) << name;
        run_program({lock, "unget"});
        EXPECT_FALSE(is_locked(lock));
    }
}

TEST(run, ignored_signals_stay_ignored)
{
    const lock_name lock;
    EXPECT_EQ(run_script("trap '' HUP; $0 $1 run -- sh -c 'kill -HUP $PPID; kill -HUP $$; echo lives'", lock),
              (outcome{"lives\n", 0}));
}

TEST(run, the_command_has_the_signal_mask_and_actions_that_it_would_have_without)
{
    const lock_name lock;
    const auto signals = [&lock](const std::string& script) {
        const auto output = run_script(script + "grep -E '^Sig(Blk|Ign):' /proc/self/status", lock).output;
        const auto blocked = output.find("SigBlk:"), ignored = output.find("SigIgn:");
        EXPECT_TRUE(blocked != std::string::npos && ignored != std::string::npos) << output;
        constexpr auto all = 0x7fffffffU; // the next two are the C library's own
        return std::pair{std::stoull(output.substr(blocked + 7), nullptr, 16) & all,
                         std::stoull(output.substr(ignored + 7), nullptr, 16) & all};
    };
    for (const std::string before : {"", "trap '' HUP USR1 PIPE; "})
        EXPECT_EQ(signals(before + "$0 $1 run -- "), signals(before));
    EXPECT_EQ(signals("trap '' HUP; $0 $1 run -- ").second & 1U, 1U);
}

TEST(run, a_status_is_told_also_where_the_end_of_children_is_ignored)
{
    const lock_name lock;
    EXPECT_EQ(run_script("trap '' CHLD; exec $0 $1 run -- sh -c 'exit 7'", lock), (outcome{"", 7}));
}

TEST(run, a_key_on_the_terminal_reaches_the_command_once)
{
    const lock_name lock;
    const std::string counts = "n=0; trap 'n=$((n+1))' INT; echo ready; while ((n == 0)); do sleep 0.01; "
                               "done; sleep 0.3; echo $n times; exit 3";
    const auto line = std::string{"exec "} + RESOURCELOCK + " " + lock.str() + " run -- bash -c \"" +
                      std::regex_replace(counts, std::regex{R"(\$)"}, "\\$$") + "\"";
    auto program = child::of({"script", "-qec", line, "/dev/null"});
    EXPECT_EQ(program.line(), "ready\r");
    program.tell("\x03");
    const auto output = program.rest();
    EXPECT_NE(output.find("1 times\r\n"), std::string::npos) << output;
    EXPECT_EQ(program.wait(), 3);
    EXPECT_FALSE(is_locked(lock));
}

TEST(run, a_key_on_the_terminal_ends_a_command_in_a_group_of_its_own)
{
    const lock_name lock;
    const auto line = std::string{"exec "} + RESOURCELOCK + " " + lock.str() + " run -- setsid sleep 77";
    auto terminal = child::of({"script", "-qec", line, "/dev/null"});
    ASSERT_TRUE(test::becomes_true([&lock] { return is_locked(lock); }));
    terminal.tell("\x03");
    EXPECT_EQ(terminal.wait(), 128 + SIGINT);
    EXPECT_FALSE(is_locked(lock));
}

TEST(run, ends_with_its_terminal)
{
    const lock_name lock;
    const auto line = std::string{"exec "} + RESOURCELOCK + " " + lock.str() + " run -- sleep 77";
    auto terminal = child::of({"script", "-qec", line, "/dev/null"});
    ASSERT_TRUE(test::becomes_true([&lock] { return is_locked(lock); }));
    terminal.kill();
    EXPECT_TRUE(test::becomes_true([&lock] { return !is_locked(lock); }));
}

TEST(run, says_that_somebody_released_the_lock_meanwhile)
{
    const lock_name lock;
    EXPECT_EQ(run_in(lock, {"--", "sh", "-c",
                            std::string{RESOURCELOCK} + " " + lock.str() + " unget >/dev/null; exit 7"}),
              (outcome{"resourcelock: somebody released or removed lock <" + lock.str() +
                           "> while the command ran\n",
                       7}));
}

TEST(run, frees_the_lock_of_a_dead_holder_for_itself)
{
    const lock_name lock;
    holder_of(lock).kill();
    EXPECT_EQ(run_in(lock, {"-n", "--", "echo", "mine"}), (outcome{"mine\n", 0}));
}

TEST(run, without_permission_nothing_is_run)
{
    NEEDS_ROOT;
    const lock_name lock;
    run_program({lock, "state"});
    const auto [output, exit_code] = run_script(test::as_nobody() + "$0 $1 run -- echo no", lock);
    EXPECT_EQ(exit_code, 71);
    EXPECT_TRUE(output.starts_with("resourcelock: ")) << output;
    EXPECT_EQ(std::ranges::count(output, '\n'), 1) << output;
}
