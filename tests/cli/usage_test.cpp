// Help, version, and what is said of wrong usage of the program `resourcelock`.
#include "program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <unistd.h>

using namespace std::chrono_literals;
using test::command;
using test::is_locked;
using test::lock_name;
using test::run_program;
using test::run_script;
using test::words;

namespace {

TEST(command_line, help_names_every_command_option_and_exit_code)
{
    const auto [help, exit_code] = run_program({"-h"});
    EXPECT_EQ(exit_code, 0);
    EXPECT_EQ(run_program({"--help"}).output, help);
    for (const std::string expected :
         {"usage: resourcelock [-h]", "LockName", "get:", "unget:", "state:", "trace:", "doctor:",
          "-t SEC, --get-timeout SEC", "(default 0.5 sec, -1 for no", "-m TEXT, --message TEXT",
          "(default 'cli', of run", "-a SEC, --auto-unget SEC", "-u SEC, --update SEC", "-v, --verbose",
          "-V, --version", "exit codes:", "examples:"})
        EXPECT_NE(help.find(expected), std::string::npos) << expected;
}

TEST(command_line, version_is_name_and_number)
{
    const auto [version, exit_code] = run_program({"-V"});
    EXPECT_EQ(exit_code, 0);
    EXPECT_TRUE(std::regex_match(version, std::regex{R"(resourcelock \d+\.\d+\.\d+\n)"})) << version;
    EXPECT_EQ(run_program({"--version"}).output, version);
}

// Long, because it is a table: a mistake, and what is said of it.
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
        const auto [output, exit_code] = run_program(arguments);
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
    run_program({lock, "state"});
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

} // namespace
