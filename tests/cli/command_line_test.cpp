// The program `resourcelock`, as scripts and people use it.
#include "printed_lines.hpp"
#include "program.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <unistd.h>

using namespace std::chrono_literals;
using test::child;
using test::command;
using test::got;
using test::is_locked;
using test::lock_name;
using test::locked;
using test::not_got;
using test::outcome;
using test::released;
using test::run_program;
using test::unlocked;
using test::words;

namespace {

TEST(command_line, get_leaves_the_lock_held_until_unget)
{
    const lock_name lock;
    EXPECT_EQ(run_program({lock, "get"}), (outcome{got(lock), 0}));
    EXPECT_EQ(run_program({lock, "state"}), (outcome{locked(lock), 0}));
    EXPECT_EQ(run_program({lock, "unget"}), (outcome{released(lock), 0}));
    EXPECT_EQ(run_program({lock, "state"}), (outcome{unlocked(lock), 0}));
}

TEST(command_line, a_lock_that_was_never_taken_has_no_info)
{
    const lock_name lock;
    EXPECT_EQ(run_program({lock, "state"}), (outcome{unlocked(lock, ""), 0}));
}

TEST(command_line, get_says_that_it_timed_out)
{
    const lock_name lock;
    run_program({lock, "get", "-m", "first"});
    EXPECT_EQ(run_program({lock, "get", "-t", "0.05"}), (outcome{not_got(lock, "TIME - first"), 1}));
    EXPECT_EQ(run_program({lock, "get", "-t", "0"}), (outcome{not_got(lock, "TIME - first"), 1}));
}

TEST(command_line, unget_says_that_there_was_nothing_to_release)
{
    const lock_name lock;
    EXPECT_EQ(run_program({lock, "unget"}),
              (outcome{"<" + lock.str() +
                           "> unget_lock called - Returned <False>, Currently locked: <False>, "
                           "Lock info: <>\n",
                       1}));
}

TEST(command_line, get_without_timeout_waits_until_the_lock_is_free)
{
    const lock_name lock;
    run_program({lock, "get", "-m", "first"});
    auto waiting = child::of(command({lock, "get", "-t", "-1", "-m", "second"}));
    EXPECT_FALSE(waiting.line(700ms)); // the default timeout would have ended
    run_program({lock, "unget"});
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
        auto result = run_program(arguments);
        result.output.erase(0,
                            result.output.starts_with("</") ? 2 : 1); // the name is printed as it was typed
        EXPECT_EQ(result, (outcome{expected.output.substr(1), 0})) << testing::PrintToString(arguments);
        run_program({lock, "unget"});
    }
}

TEST(command_line, messages_may_look_like_anything)
{
    const lock_name lock;
    for (const std::string message : {"", "-t", "[a,b]", "grün ✓", "%s {} \\n", "a  b"}) {
        EXPECT_EQ(run_program({lock, "get", "-m", message}), (outcome{got(lock, "TIME - " + message), 0}));
        run_program({lock, "unget"});
    }
}

TEST(command_line, control_characters_of_a_message_are_shown_not_obeyed)
{
    const lock_name lock;
    run_program({lock, "get", "-m", "a\nb\x1b[31m\x7f\xc2\x9b\xe2\x80\xa6"});
    EXPECT_EQ(run_program({lock, "state"}), (outcome{locked(lock, R"(TIME - a\x0ab\x1b[31m\x7f\x9b)"
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
        const auto output = run_program({lock, "get", "-a", given}).output;
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

TEST(command_line, auto_unget_says_that_somebody_else_has_released_the_lock)
{
    const lock_name lock;
    auto program = child::of(command({lock, "get", "-a", "1000"}));
    program.line();
    program.line();
    run_program({lock, "unget"});
    run_program({lock, "get", "-m", "next"});
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

TEST(command_line, a_trace_goes_on_with_the_new_lock_when_the_files_are_removed)
{
    const lock_name lock;
    auto program = child::of(command({lock, "trace", "-u", "0.05"}), true);
    EXPECT_EQ(test::without_times(program.line().value_or("") + '\n'), unlocked(lock, ""));
    unlink(lock.semaphore_path().c_str());
    unlink(lock.info_path().c_str());
    run_program({lock, "get"});
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
    EXPECT_EQ(run_program({"/" + lock.str(), "state"}), (outcome{unlocked(lock, ""), 0}));
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
        const auto result = run_program(arguments);
        EXPECT_EQ(result.output.find('\x9b'), std::string::npos) << result;
        EXPECT_NE(result.output.find("odd\\x9b31m"), std::string::npos) << result;
    }
}

TEST(command_line, verbose_state_tells_the_holder)
{
    const lock_name lock;
    const auto holder = [&lock] {
        const auto output = run_program({"-v", lock, "state"}).output;
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

    run_program({lock, "get"});
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
    EXPECT_EQ(run_program({"-vv", lock, "get"}).output,
              log("get_lock", "lock request successful - Granted         <TIME - cli>") + state("True") +
                  got(lock));
    EXPECT_EQ(run_program({lock, "-v", "--verbose", "get", "-t", "0"}).output,
              log("get_lock", "lock request timed out  - Current owner   <TIME - cli>") + state("True") +
                  not_got(lock));
    EXPECT_EQ(run_program({lock, "unget", "-vv", "-m", "by hand"}).output,
              log("unget_lock", "lock force released  <by hand>") + state("False") + released(lock));
}

} // namespace
