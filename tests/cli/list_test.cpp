// `resourcelock list` and `state -J`: what they tell of locks in every state, to people and to programs.
// Long, because each state has its test, in each form of output.
#include "lock_files.hpp"
#include "peers.hpp"
#include "program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using nlohmann::json;
using test::child;
using test::command;
using test::holder_of;
using test::lock_name;
using test::outcome;
using test::run_program;
using test::run_script;
using test::words;

namespace {

/// The lock's line among those of all locks of this machine.
std::string line_of(const lock_name& lock, const std::string& text)
{
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(lock.str() + ' '))
            return line;
    return {};
}

std::string columns_of(const lock_name& lock, const std::string& columns)
{
    auto line = line_of(lock, run_program({"list", "-n", "-o", "NAME," + columns}).output);
    line = std::regex_replace(line, std::regex{" +"}, " ");
    return line.size() > lock.str().size() ? line.substr(lock.str().size() + 1) : "no line";
}

std::string state_of(const lock_name& lock) { return columns_of(lock, "STATE"); }

/// The lock's object in what `list -J` printed.
json object_in(const std::string& output, const lock_name& lock)
{
    const auto all = json::parse(output);
    EXPECT_EQ(all.size(), 1U);
    for (const auto& object : all.at("locks"))
        if (object.at("name") == lock.str())
            return object;
    return json::object();
}

json object_of(const lock_name& lock) { return object_in(test::run(command({"list", "-J"})).output, lock); }

/// Its standard output is a terminal.
std::string on_terminal(const std::string& environment, const std::string& arguments, int width = 200)
{
    const auto line = "stty cols " + std::to_string(width) + "; env -u NO_COLOR " + environment + " " +
                      RESOURCELOCK + " " + arguments;
    const auto [output, exit_code] = test::run({"script", "-qec", line, "/dev/null"});
    EXPECT_EQ(exit_code, 0) << output;
    return std::regex_replace(output, std::regex{"\r"}, "");
}

} // namespace

TEST(list, has_all_columns_of_a_held_lock)
{
    const lock_name lock;
    const auto holder = holder_of(lock, "tempmon #3");
    const auto all = run_program({"list"});
    EXPECT_EQ(all.exit_code, 0);
    EXPECT_TRUE(std::regex_search(
        all.output, std::regex{"^NAME +STATE +OWNER +PID COMMAND +SINCE +HELD WAITERS MODE INFO\n"}))
        << all.output;
    EXPECT_TRUE(std::regex_match(columns_of(lock, "STATE,OWNER,PID,COMMAND,SINCE,HELD,WAITERS,MODE,INFO"),
                                 std::regex{R"(held \S+ )" + std::to_string(holder.pid()) +
                                            R"( resourcelock \d\d:\d\d:\d\d 00:\d\d 0 0600 tempmon #3)"}))
        << all.output;
}

TEST(list, has_no_holder_of_a_free_lock)
{
    const lock_name lock;
    run_program({lock, "get", "-a", "0", "-m", "last"});
    EXPECT_EQ(columns_of(lock, "STATE,OWNER,PID,COMMAND,SINCE,HELD,WAITERS,MODE,INFO"),
              "free - - - - - 0 0600 last");
}

TEST(list, says_what_state_each_lock_is_in)
{
    const lock_name lock;
    EXPECT_EQ(state_of(lock), "no line");
    run_program({lock, "state"});
    EXPECT_EQ(state_of(lock), "free");
    run_program({lock, "get"});
    EXPECT_EQ(state_of(lock), "detached");
    run_program({lock, "unget"});
    {
        const auto holder = holder_of(lock);
        EXPECT_EQ(state_of(lock), "held");
    }
    EXPECT_EQ(state_of(lock), "dead");
    EXPECT_EQ(state_of(lock), "dead") << "to list it does not free it";
    run_program({lock, "state"});
    EXPECT_EQ(state_of(lock), "free");
}

TEST(list, tells_locks_that_others_than_programs_of_ours_have_or_spoiled)
{
    const lock_name lock;
    run_program({lock, "state"});
    test::set_count(lock, 0);
    EXPECT_EQ(columns_of(lock, "STATE,OWNER,PID"), "python - -");
    test::write_at(lock.info_path(), test::magic_at, std::uint32_t{77});
    EXPECT_EQ(state_of(lock), "unknown");
    std::filesystem::resize_file(lock.semaphore_path(), 4);
    EXPECT_EQ(state_of(lock), "broken");
    unlink(lock.semaphore_path().c_str());
    EXPECT_EQ(state_of(lock), "no line") << "any file in /dev/shm looks like that";
}

TEST(list, tells_for_how_long_by_the_text_if_there_is_nothing_better)
{
    const lock_name lock;
    run_program({lock, "state"});
    test::set_count(lock, 0);
    const auto then = std::time(nullptr) - 2 * 24 * 3600 - 3 * 3600 - 240;
    char text[40]{};
    std::strftime(text, sizeof text, "%F %T - reader", std::localtime(&then));
    test::write_at(lock.info_path(), 0, text);
    EXPECT_TRUE(std::regex_match(columns_of(lock, "SINCE,HELD,INFO"),
                                 std::regex{std::string{text, 10} + R"( 2-0[234]:\d\d:\d\d reader)"}))
        << columns_of(lock, "SINCE,HELD,INFO");
}

TEST(list, counts_waiters)
{
    const lock_name lock;
    const auto holder = holder_of(lock);
    const auto first = child::of(command({lock, "run", "--", "true"}));
    EXPECT_TRUE(test::becomes_true([&] { return columns_of(lock, "WAITERS") == "1"; }));
    const auto second = child::of(command({lock, "get", "-t", "-1"}));
    EXPECT_TRUE(test::becomes_true([&] { return columns_of(lock, "WAITERS") == "2"; }));
    EXPECT_TRUE(test::becomes_true([&] { return object_of(lock).at("waiters") == 2; }));
}

TEST(list, prints_the_columns_asked_for_in_their_order)
{
    const lock_name lock;
    run_program({lock, "get"});
    EXPECT_EQ(columns_of(lock, "mode,State"), "0600 detached");
    const auto last = run_program({"list", "-o", "NAME", "--output=STATE,NAME"}).output;
    EXPECT_TRUE(last.starts_with("STATE ")) << last;
    EXPECT_EQ(last.substr(0, last.find('\n')).find("OWNER"), std::string::npos);
    EXPECT_FALSE(run_program({"list", "--noheadings"}).output.starts_with("NAME"));
}

TEST(list, as_json_has_numbers_as_numbers_and_null_for_nothing)
{
    const lock_name lock;
    const auto holder = holder_of(lock, "note");
    auto object = object_of(lock);
    EXPECT_EQ(object.at("state"), "held");
    EXPECT_TRUE(object.at("owner").is_string());
    EXPECT_EQ(object.at("pid"), holder.pid());
    EXPECT_EQ(object.at("command"), "resourcelock");
    EXPECT_TRUE(std::regex_match(object.at("since").get<std::string>(),
                                 std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d)"}))
        << object;
    EXPECT_TRUE(object.at("held").is_number_integer());
    EXPECT_EQ(object.at("waiters"), 0);
    EXPECT_EQ(object.at("mode"), "0600");
    EXPECT_EQ(test::without_times(object.at("info")), "TIME - note");
    EXPECT_EQ(object.size(), 10U);

    const lock_name free;
    run_program({free, "state"});
    object = object_of(free);
    for (const auto* const key : {"owner", "pid", "command", "since", "held"})
        EXPECT_TRUE(object.at(key).is_null()) << key;
    EXPECT_EQ(object.at("info"), "");
    EXPECT_EQ(json::parse(run_program({"list", "-J", "-o", "STATE"}).output).at("locks").at(0).size(), 1U);
}

TEST(list, shows_control_characters_of_names_and_texts_and_does_not_obey_them)
{
    const lock_name lock;
    run_program({lock, "get", "-m", "a\nb\x1b[31m\xc2\x9b\xe2\x80\xa6"});
    const auto shown = columns_of(lock, "INFO");
    EXPECT_EQ(shown, "a\\x0ab\\x1b[31m\\x9b\xe2\x80\xa6");
    const auto text = test::run(command({"list", "-J"})).output;
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c < '\x7f'); }));
    EXPECT_EQ(test::without_times(object_of(lock).at("info")), "TIME - a\nb\x1b[31m\xc2\x9b\xe2\x80\xa6");

    for (const auto* const name : {"odd\x1b[31m", "odd\x9b"
                                                  "31m"}) { // no names for our programs
        const lock_name odd{name};
        std::filesystem::copy(lock.info_path(), odd.info_path());
        std::filesystem::copy(lock.semaphore_path(), odd.semaphore_path());
        EXPECT_EQ(run_program({"list"}).output.find_first_of("\x1b\x9b"), std::string::npos);
    }
}

TEST(list, locks_of_other_users_are_shown_as_such)
{
    NEEDS_ROOT;
    const lock_name lock;
    run_program({lock, "get"});
    auto result = run_script(test::as_nobody() + "$0 list -n -o NAME,STATE,OWNER,PID,MODE,INFO", lock);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(std::regex_replace(line_of(lock, result.output), std::regex{" +"}, " "),
              lock.str() + " no-access - - 0600 belongs to user root");
    result = run_script(test::as_nobody() + "$0 list -J", lock);
    EXPECT_EQ(result.exit_code, 0);
    const auto object = object_in(result.output, lock);
    EXPECT_EQ(object.at("state"), "no-access");
    EXPECT_TRUE(object.at("pid").is_null());
    EXPECT_TRUE(object.at("info").is_null());

    for (const auto& path :
         {lock.info_path(), lock.semaphore_path()}) // to be read, but not to be opened as a lock
        chmod(path.c_str(), 0644);
    result = run_script(test::as_nobody() + "$0 list -n -o NAME,STATE", lock);
    EXPECT_TRUE(line_of(lock, result.output).ends_with(" no-access")) << result;
}

TEST(list, is_coloured_on_a_terminal_alone_and_not_against_the_users_will)
{
    const lock_name lock;
    run_program({lock, "get"});
    const auto arguments = std::string{"list -n -o NAME,STATE"};
    const auto line = [&](const std::string& environment) {
        return line_of(lock, on_terminal(environment, arguments));
    };
    const auto coloured = lock.str() + " +\x1b\\[33mdetached\x1b\\[0m.*";
    EXPECT_TRUE(std::regex_match(line("TERM=xterm"), std::regex{coloured})) << line("TERM=xterm");
    EXPECT_TRUE(std::regex_match(line("TERM=xterm NO_COLOR="), std::regex{coloured}));
    EXPECT_EQ(line("TERM=xterm NO_COLOR=1").find('\x1b'), std::string::npos);
    EXPECT_EQ(line("TERM=dumb").find('\x1b'), std::string::npos);
    EXPECT_EQ(run_script("TERM=xterm $0 list", lock).output.find('\x1b'), std::string::npos);
}

TEST(list, is_cut_at_the_width_of_a_terminal_but_not_in_a_pipe)
{
    const lock_name lock;
    run_program({lock, "get", "-m", std::string(300, 'x')});
    for (const int width : {20, 80}) {
        std::istringstream lines{on_terminal("TERM=dumb", "list", width)};
        bool has_the_lock = false;
        for (std::string line; std::getline(lines, line);) {
            const bool is_ascii = std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; });
            EXPECT_TRUE(!is_ascii || line.size() <= static_cast<std::size_t>(width))
                << line; // others are other tests'
            has_the_lock |= line.starts_with(lock.str().substr(0, static_cast<std::size_t>(width)));
        }
        EXPECT_TRUE(has_the_lock);
    }
    EXPECT_NE(columns_of(lock, "INFO").find(std::string(300, 'x')), std::string::npos);
}

TEST(list, counts_the_columns_that_a_character_takes)
{
    const lock_name lock;
    const auto shown = [&](const std::string& info) {
        run_program({lock, "get", "-m", info});
        std::istringstream lines{
            on_terminal("TERM=dumb", "list -n -o INFO", 40)}; // other tests' locks are there, too
        run_program({lock, "unget"});
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(info.substr(0, 3)))
                return line;
        return std::string{"no line"};
    };
    const auto repeated = [](const std::string& character, int times) {
        std::string text;
        while (times-- > 0)
            text += character;
        return text;
    };
    EXPECT_EQ(shown(repeated("京", 50)), repeated("京", 20)) << "two columns each";
    EXPECT_EQ(shown(repeated("é", 50)), repeated("é", 40)) << "one column each";
    const auto combining = "e" + repeated("\u0301", 50);
    EXPECT_EQ(shown(combining), combining) << "one column together";
}

TEST(list, ends_quietly_when_nobody_reads_and_says_when_the_disk_is_full)
{
    const lock_name lock;
    run_program({lock, "state"});
    EXPECT_EQ(run_script("$0 list | :; echo ${PIPESTATUS[0]}", lock), (outcome{"0\n", 0}));
    EXPECT_EQ(run_script("$0 list | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}", lock), (outcome{"0\n", 0}));
    EXPECT_EQ(run_script("$0 list >/dev/full", lock),
              (outcome{"resourcelock: cannot write to the standard output: No space left on device\n", 71}));
}

TEST(list, is_a_command_only_as_the_first_word_with_nothing_but_options_behind_it)
{
    const auto of_the_lock = [](const words& arguments) {
        return run_program(arguments).output.starts_with("<list> ");
    };
    EXPECT_TRUE(of_the_lock({"list", "doctor"})); // makes no lock
    EXPECT_TRUE(of_the_lock({"/list", "doctor"}));
    EXPECT_TRUE(of_the_lock({"-v", "list", "doctor"}));
    EXPECT_TRUE(of_the_lock({"list", "-v", "doctor"}));
    EXPECT_EQ(run_program({"/list"}).exit_code, 64);
    EXPECT_EQ(run_program({"list", "-o", "NAME", "doctor"}).exit_code, 64);
    EXPECT_EQ(run_program({"list", "-v"}).exit_code, 0);
    EXPECT_TRUE(run_program({"list", "-o", "STATE,NAME", "-n", "-J"}).output.starts_with("{"));
}

TEST(state_as_json, tells_the_same_and_the_semaphore)
{
    const lock_name lock;
    const auto state = [&lock] { return json::parse(test::run(command({lock, "state", "-J"})).output); };
    auto object = state();
    EXPECT_EQ(object.at("state"), "free");
    EXPECT_EQ(object.at("locked"), false);
    EXPECT_EQ(object.at("value"), 1);
    auto holder = holder_of(lock);
    object = state();
    EXPECT_EQ(object.at("state"), "held");
    EXPECT_EQ(object.at("pid"), holder.pid());
    EXPECT_EQ(object.at("locked"), true);
    EXPECT_EQ(object.at("value"), 0);
    holder.kill();
    EXPECT_EQ(state().at("locked"), false) << "like state, it frees the lock of a dead holder";
}
