// The program `resourcelock`, as scripts and people use it.
#include "program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace std::chrono_literals;
using test::child;
using test::command;
using test::is_locked;
using test::lock_name;
using test::outcome;
using test::run_script;
using test::words;

namespace {

outcome run(const words& arguments) { return test::run_program(arguments); }

std::string locked(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> Currently locked: <True>, Lock info: <" + info + ">\n";
}

std::string unlocked(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> Currently locked: <False>, Lock info: <" + info + ">\n";
}

std::string got(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> get_lock called - Returned <True>, Currently locked: <True>, Lock info: <" + info +
           ">\n";
}

std::string not_got(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> get_lock called - Returned <False>, Currently locked: <True>, Lock info: <" +
           info + ">\n";
}

std::string released(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> unget_lock called - Returned <True>, Currently locked: <False>, Lock info: <" +
           info + ">\n";
}

/// Waits until a program handles signals: it has blocked them, to receive them in a thread of its own.
void wait_for_signal_handling(const child& program)
{
    const auto blocks_sigterm = [&program] {
        std::ifstream status{"/proc/" + std::to_string(program.pid()) + "/status"};
        for (std::string line; std::getline(status, line);)
            if (line.starts_with("SigBlk:"))
                return (std::stoull(line.substr(7), nullptr, 16) >> (SIGTERM - 1) & 1) != 0;
        return false;
    };
    const auto end = std::chrono::steady_clock::now() + test::deadline;
    while (!blocks_sigterm()) {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
        std::this_thread::sleep_for(1ms);
    }
}

} // namespace

TEST(command_line, get_leaves_the_lock_held_until_unget)
{
    const lock_name lock;
    EXPECT_EQ(run({lock, "get"}), (outcome{got(lock), 0}));
    EXPECT_EQ(run({lock, "state"}), (outcome{locked(lock), 0}));
    EXPECT_EQ(run({lock, "unget"}), (outcome{released(lock), 0}));
    EXPECT_EQ(run({lock, "state"}), (outcome{unlocked(lock), 0}));
}

TEST(command_line, a_lock_that_was_never_taken_has_no_info)
{
    const lock_name lock;
    EXPECT_EQ(run({lock, "state"}), (outcome{unlocked(lock, ""), 0}));
}

TEST(command_line, get_says_that_it_timed_out)
{
    const lock_name lock;
    run({lock, "get", "-m", "first"});
    EXPECT_EQ(run({lock, "get", "-t", "0.05"}), (outcome{not_got(lock, "TIME - first"), 1}));
    EXPECT_EQ(run({lock, "get", "-t", "0"}), (outcome{not_got(lock, "TIME - first"), 1}));
}

TEST(command_line, unget_says_that_there_was_nothing_to_release)
{
    const lock_name lock;
    EXPECT_EQ(run({lock, "unget"}),
              (outcome{"<" + lock.str() +
                           "> unget_lock called - Returned <False>, Currently locked: <False>, "
                           "Lock info: <>\n",
                       1}));
}

TEST(command_line, get_without_timeout_waits_until_the_lock_is_free)
{
    const lock_name lock;
    run({lock, "get", "-m", "first"});
    auto waiting = child::of(command({lock, "get", "-t", "-1", "-m", "second"}));
    EXPECT_FALSE(waiting.line(700ms)); // the default timeout would have ended
    run({lock, "unget"});
    EXPECT_EQ(test::without_times(waiting.line().value_or("")) + '\n', got(lock, "TIME - second"));
    EXPECT_EQ(waiting.wait(), 0);
}

TEST(command_line, options_stand_anywhere_and_in_both_forms)
{
    const lock_name lock;
    const auto expected = outcome{got(lock, "TIME - note"), 0};
    for (const auto& arguments : std::vector<words>{
             {"-m", "note", "-t", "-1", lock, "get"},
             {lock, "-m", "note", "get", "-t", "-1"},
             {lock, "get", "-t-1", "-mnote"},
             {lock, "get", "--get-timeout", "-1", "--message", "note"},
             {"--get-timeout=-1", lock, "--message=note", "get"},
             {lock, "get", "-m", "first", "-m", "note"}, // the last one counts
             {"-m", "note", "--", lock, "get"},
             {"/" + lock.str(), "get", "-m", "note"},
         }) {
        auto result = run(arguments);
        result.output.erase(0,
                            result.output.starts_with("</") ? 2 : 1); // the name is printed as it was typed
        EXPECT_EQ(result, (outcome{expected.output.substr(1), 0})) << testing::PrintToString(arguments);
        run({lock, "unget"});
    }
}

TEST(command_line, messages_may_look_like_anything)
{
    const lock_name lock;
    for (const std::string message : {"", "-t", "[a,b]", "grün ✓", "%s {} \\n", "a  b"}) {
        EXPECT_EQ(run({lock, "get", "-m", message}), (outcome{got(lock, "TIME - " + message), 0}));
        run({lock, "unget"});
    }
}

TEST(command_line, control_characters_of_a_message_are_shown_not_obeyed)
{
    const lock_name lock;
    run({lock, "get", "-m", "a\nb\x1b[31m\x7f\xc2\x9b\xe2\x80\xa6"});
    EXPECT_EQ(run({lock, "state"}), (outcome{locked(lock, R"(TIME - a\x0ab\x1b[31m\x7f\x9b)"
                                                          "\xe2\x80\xa6"),
                                             0}));
}

TEST(command_line, auto_unget_releases_after_its_time)
{
    const lock_name lock;
    auto program = child::of(command({lock, "get", "-a", "0.5"}));
    EXPECT_EQ(test::without_times(program.line().value_or("")) + '\n', got(lock));
    EXPECT_EQ(program.line(), "Release lock after <0.5> sec delay");
    EXPECT_TRUE(is_locked(lock));
    EXPECT_EQ(test::without_times(program.rest()), released(lock));
    EXPECT_EQ(program.wait(), 0);
    EXPECT_FALSE(is_locked(lock));
}

TEST(command_line, auto_unget_prints_its_time_as_python_does)
{
    const lock_name lock;
    for (const auto& [given, printed] : std::vector<std::pair<std::string, std::string>>{
             {"0", "0.0"}, {"0.1", "0.1"}, {"1e-3", "0.001"}, {".00001", "1e-05"}}) {
        const auto output = run({lock, "get", "-a", given}).output;
        EXPECT_NE(output.find("\nRelease lock after <" + printed + "> sec delay\n"), std::string::npos)
            << output;
    }
    for (const auto& [given, printed] :
         std::vector<std::pair<std::string, std::string>>{{"2", "2.0"}, {"1e300", "1e+300"}}) {
        auto program = child::of(command({lock, "get", "-a", given}));
        program.line();
        EXPECT_EQ(program.line(), "Release lock after <" + printed + "> sec delay");
        program.signal(SIGTERM);
        EXPECT_EQ(program.wait(), 0);
    }
}

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

TEST(command_line, auto_unget_says_that_somebody_else_has_released_the_lock)
{
    const lock_name lock;
    auto program = child::of(command({lock, "get", "-a", "1000"}));
    program.line();
    program.line();
    run({lock, "unget"});
    run({lock, "get", "-m", "next"});
    program.signal(SIGTERM);
    EXPECT_EQ(test::without_times(program.rest()),
              "<" + lock.str() +
                  "> unget_lock called - Returned <False>, Currently locked: <True>, "
                  "Lock info: <TIME - next>\n");
    EXPECT_EQ(program.wait(), 1);
    EXPECT_TRUE(is_locked(lock));
}

TEST(command_line, a_killed_auto_unget_frees_the_lock)
{
    const lock_name lock;
    auto program = child::of(command({lock, "get", "-a", "1000"}));
    program.line();
    program.kill();
    EXPECT_FALSE(is_locked(lock));
}

TEST(command_line, a_signal_ends_the_wait_for_the_lock)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        const lock_name lock;
        run({lock, "get"});
        auto waiting = child::of(command({lock, "get", "-t", "-1"}));
        wait_for_signal_handling(waiting);
        waiting.signal(signal);
        EXPECT_EQ(test::without_times(waiting.rest()), not_got(lock));
        EXPECT_EQ(waiting.wait(), 1);
        run({lock, "unget"});
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
        run({lock, "get"});
        while (program.line().value_or("locked").find("<True>") == std::string::npos) {
        }
        program.signal(signal);
        program.rest();
        EXPECT_EQ(program.wait(), 0);
    }
}

TEST(command_line, a_second_signal_ends_a_stuck_program)
{
    const lock_name lock;
    auto program = child::of(command({lock, "trace", "-u", "1e-9"}));
    wait_for_signal_handling(program);
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

TEST(command_line, a_trace_goes_on_with_the_new_lock_when_the_files_are_removed)
{
    const lock_name lock;
    auto program = child::of(command({lock, "trace", "-u", "0.05"}), true);
    EXPECT_EQ(test::without_times(program.line().value_or("") + '\n'), unlocked(lock, ""));
    unlink(lock.semaphore_path().c_str());
    unlink(lock.info_path().c_str());
    run({lock, "get"});
    while (program.line().value_or("<True>").find("<True>") == std::string::npos) {
    }
    EXPECT_NE(program.line().value_or("").find("<True>"), std::string::npos);
    program.signal(SIGTERM);
    program.rest();
    EXPECT_EQ(program.wait(), 0);
}

TEST(command_line, the_leading_slash_of_a_name_is_hidden)
{
    const lock_name lock;
    EXPECT_EQ(run({"/" + lock.str(), "state"}), (outcome{unlocked(lock, ""), 0}));
}

TEST(command_line, a_closed_pipe_is_no_error_of_the_other_commands)
{
    const lock_name lock;
    EXPECT_EQ(run_script("$0 $1 get | :; echo ${PIPESTATUS[0]}", lock), (outcome{"0\n", 0}));
    EXPECT_TRUE(is_locked(lock));
    EXPECT_EQ(run_script("$0 $1 unget | :; echo ${PIPESTATUS[0]}", lock), (outcome{"0\n", 0}));
    for (const std::string arguments :
         {"state", "state -J", "stats", "stats -J", "doctor", "unget --if-dead", "reap", "remove"}) {
        run({lock, "state"});
        const auto usual = run_script("$0 $1 " + arguments + " >/dev/null; echo $?", lock).output;
        run({lock, "state"});
        EXPECT_EQ(run_script("exec 3> >(:); wait $!; $0 $1 " + arguments + " >&3; echo $?", lock).output,
                  usual)
            << arguments;
    }
}

TEST(command_line, bytes_of_others_that_are_no_text_are_shown_and_not_obeyed)
{
    const lock_name lock{"odd\x9b"
                         "31m"};
    for (const words& arguments : std::vector<words>{{"-vv", lock, "get", "-m", "a\x9b"},
                                                     {"-v", lock, "state"},
                                                     {lock, "doctor"},
                                                     {"-vv", lock, "unget", "-m", "b\x9b"},
                                                     {lock, "stats"},
                                                     {lock, "remove"}}) {
        const auto result = run(arguments);
        EXPECT_EQ(result.output.find('\x9b'), std::string::npos) << result;
        EXPECT_NE(result.output.find("odd\\x9b31m"), std::string::npos) << result;
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

TEST(command_line, verbose_state_tells_the_holder)
{
    const lock_name lock;
    const auto holder = [&lock] {
        const auto output = run({"-v", lock, "state"}).output;
        return output.substr(output.find('\n') + 1);
    };
    EXPECT_EQ(holder(), "<" + lock.str() + "> Holder: <none>\n");

    auto program = child::of(command({lock, "get", "-a", "1000"}));
    program.line();
    const std::string pattern =
        R"(, Program: <resourcelock>, Pid: <\d+>, Since: <\d{4}-\d\d-\d\d \d\d:\d\d:\d\d>\n)";
    EXPECT_TRUE(std::regex_match(holder(), std::regex{"<" + lock.str() + "> Holder: <alive>" + pattern}))
        << holder();
    EXPECT_NE(holder().find("Pid: <" + std::to_string(program.pid()) + ">"), std::string::npos);
    program.kill();

    run({lock, "get"});
    EXPECT_TRUE(std::regex_match(holder(), std::regex{"<" + lock.str() + "> Holder: <detached>" + pattern}))
        << holder();
}

TEST(command_line, very_verbose_commands_show_the_log_as_the_reference_does)
{
    const lock_name lock;
    const auto log = [&lock](const std::string& function, const std::string& text) {
        return "   resourcelock." + function + std::string(20 - function.size(), ' ') + " -    DEBUG:  <" +
               lock.str() + "> " + text + "\n";
    };
    const auto state = [&log](const std::string& value) {
        return log("is_locked", "is currently locked?  <" + value + ">  Prior info  <TIME - cli>");
    };
    EXPECT_EQ(run({"-vv", lock, "get"}).output,
              log("get_lock", "lock request successful - Granted         <TIME - cli>") + state("True") +
                  got(lock));
    EXPECT_EQ(run({lock, "-v", "--verbose", "get", "-t", "0"}).output,
              log("get_lock", "lock request timed out  - Current owner   <TIME - cli>") + state("True") +
                  not_got(lock));
    EXPECT_EQ(run({lock, "unget", "-vv", "-m", "by hand"}).output,
              log("unget_lock", "lock force released  <by hand>") + state("False") + released(lock));
}

TEST(command_line, help_names_every_command_option_and_exit_code)
{
    const auto [help, exit_code] = run({"-h"});
    EXPECT_EQ(exit_code, 0);
    EXPECT_EQ(run({"--help"}).output, help);
    for (const std::string expected :
         {"usage: resourcelock [-h]", "LockName", "get:", "unget:", "state:", "trace:", "doctor:",
          "-t SEC, --get-timeout SEC", "(default 0.5 sec, -1 for no", "-m TEXT, --message TEXT",
          "(default 'cli', of run", "-a SEC, --auto-unget SEC", "-u SEC, --update SEC", "-v, --verbose",
          "-V, --version", "exit codes:", "examples:"})
        EXPECT_NE(help.find(expected), std::string::npos) << expected;
}

TEST(command_line, version_is_name_and_number)
{
    const auto [version, exit_code] = run({"-V"});
    EXPECT_EQ(exit_code, 0);
    EXPECT_TRUE(std::regex_match(version, std::regex{R"(resourcelock \d+\.\d+\.\d+\n)"})) << version;
    EXPECT_EQ(run({"--version"}).output, version);
}

TEST(command_line, wrong_usage_is_said_in_one_line_and_changes_nothing)
{
    struct bad {
        words arguments;
        std::string said;
    };
    const lock_name lock;
    for (const auto& [arguments, said] : std::vector<bad>{
             {{}, "LockName"},
             {{lock}, "no command: get, unget, state, trace, doctor, run, reap, remove, stats or timeline"},
             {{lock, ""}, "no command"},
             {{lock, "take"}, "'take'"},
             {{lock, "GET"}, "'GET'"},
             {{"get", lock}, "'" + lock.str() + "'"},
             {{lock, "get", "more"}, "more"},
             {{lock, "get", "--wait"}, "--wait"},
             {{lock, "get", "-x"}, "-x"},
             {{lock, "get", "-vx"}, "-x"},
             {{lock, "get", "-t"}, "--get-timeout"},
             {{lock, "get", "-t", ""}, "''"},
             {{lock, "get", "-t", "soon"}, "'soon'"},
             {{lock, "get", "-t", "1s"}, "'1s'"},
             {{lock, "get", "-t", "0x1"}, "'0x1'"},
             {{lock, "get", "-t", "nan"}, "'nan'"},
             {{lock, "get", "-t", "inf"}, "'inf'"},
             {{lock, "get", "-t", "1e999"}, "'1e999'"},
             {{lock, "get", "-t", "-2"}, "-1 for no timeout"},
             {{lock, "get", "-t", "-1.5"}, "-1 for no timeout"},
             {{lock, "get", "-a", "-1"}, "--auto-unget"},
             {{lock, "get", "-a", "nan"}, "'nan'"},
             {{lock, "get", "-a"}, "--auto-unget"},
             {{lock, "trace", "-u", "0"}, "--update"},
             {{lock, "trace", "-u", "-1"}, "--update"},
             {{lock, "trace", "-u", "inf"}, "'inf'"},
             {{lock, "get", "a\nb\x1b[m"}, R"(a\x0ab\x1b[m)"},
             {{"", "get"}, "empty"},
             {{"/", "get"}, "empty"},
             {{"a/b", "get"}, "a/b"},
             {{"a/b", "doctor"}, "a/b"},
             {{lock, "doctor", "more"}, "more"},
             {{lock, "reap", "more"}, "more"},
             {{lock, "remove", "-f"}, "-f"},
             {{lock, "reap", "-t", "1"}, "-t"},
             {{lock, "get", "--if-dead"}, "--if-dead"},
             {{lock, "unget", "-J"}, "-J"},
             {{lock, "trace", "-J"}, "--changes"},
             {{lock, "run"}, "run -- COMMAND..."},
             {{lock, "run", "--"}, "run -- COMMAND..."},
             {{lock, "run", "-c"}, "--command"},
             {{lock, "run", "-c", "true", "--", "true"}, "after -- or after -c"},
             {{lock, "run", "-n", "-w", "1", "true"}, "--nonblock"},
             {{lock, "run", "-w", "-1", "true"}, "--timeout"},
             {{lock, "run", "-w", "soon", "true"}, "'soon'"},
             {{lock, "run", "-E", "256", "true"}, "0 to 255"},
             {{lock, "run", "-E", "-1", "true"}, "0 to 255"},
             {{lock, "run", "-E", "1x", "true"}, "0 to 255"},
             {{lock, "run", "-x", "--", "true"}, "-x"},
             {{lock, "run", "-J", "true"}, "-J"},
             {{"a/b", "run", "true"}, "a/b"},
             {{"a/b", "reap"}, "a/b"},
             {{"a/b", "remove"}, "a/b"},
             {{"a/b", "stats"}, "a/b"},
             {{"a/b", "unget", "--if-dead"}, "a/b"},
             {{"a/b", "trace", "--changes"}, "a/b"},
             {{"list", "-o"}, "--output"},
             {{"list", "-o", ""}, "--output"},
             {{"list", "-o", "NAME,SIZE"}, "'SIZE'; there are NAME,STATE,"},
             {{"list", "-x"}, "-x"},
             {{"list", "--changes"}, "--changes"},
             {{"..", "get"}, ".."},
             {{"sem.x", "get"}, "sem.x"},
             {{"a\nb", "get"}, R"(a\x0ab)"},
             {{std::string(252, 'n'), "get"}, "251"},
         }) {
        const auto [output, exit_code] = run(arguments);
        EXPECT_EQ(exit_code, 64) << output;
        EXPECT_TRUE(output.starts_with("resourcelock: ")) << output;
        EXPECT_NE(output.find(said), std::string::npos) << output;
        EXPECT_EQ(std::ranges::count(output, '\n'), 1) << output;
        EXPECT_FALSE(is_locked(lock)) << output;
    }
}

TEST(command_line, no_permission_is_said_in_one_line)
{
    if (getuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    const lock_name lock;
    run({lock, "state"});
    for (const std::string command : {"get", "unget", "unget --if-dead", "state", "state -J", "trace",
                                      "trace --changes", "doctor", "reap", "remove", "stats"}) {
        const auto [output, exit_code] =
            run_script("exec setpriv --reuid 65534 --regid 65534 --clear-groups $0 $1 " + command, lock);
        EXPECT_EQ(exit_code, 71) << output;
        EXPECT_TRUE(output.starts_with("resourcelock: ")) << output;
        EXPECT_NE(output.find("Permission denied"), std::string::npos) << output;
        EXPECT_EQ(std::ranges::count(output, '\n'), 1) << output;
    }
}
