// `resourcelock NAME trace --changes`: a line for each change.
#include "program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <string>

#include <unistd.h>

using nlohmann::json;
using test::child;
using test::command;
using test::holder_of;
using test::lock_name;
using test::outcome;
using test::run_program;
using test::run_script;

namespace {

child trace(const lock_name& lock, const std::string& option = "--changes")
{
    return child::of(command({lock, "trace", "--changes", option}), true);
}

/// The next change without its time and the spaces between columns.
std::string change_of(child& program)
{
    const auto line = program.line().value_or("no line");
    const std::regex beginning{R"(^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} )"};
    EXPECT_TRUE(std::regex_search(line, beginning)) << line;
    return std::regex_replace(std::regex_replace(line, beginning, ""), std::regex{" +"}, " ");
}

} // namespace

TEST(trace_changes, prints_the_state_and_then_a_line_for_each_change)
{
    const lock_name lock;
    auto program = trace(lock);
    EXPECT_EQ(change_of(program), "none");
    EXPECT_FALSE(std::filesystem::exists(lock.semaphore_path())) << "it only looks";
    run_program({lock, "state"});
    EXPECT_EQ(change_of(program), "free");
    {
        const auto holder = holder_of(lock, "first");
        EXPECT_EQ(change_of(program), "held " + std::to_string(holder.pid()) + " resourcelock first");
        EXPECT_FALSE(program.line(std::chrono::milliseconds{100})) << "nothing changed";
    }
    EXPECT_TRUE(change_of(program).starts_with("dead ")) << "it frees nothing";
    run_program({lock, "state"});
    EXPECT_EQ(change_of(program), "free first");
    run_program({lock, "get", "-m", "a\nb"});
    EXPECT_TRUE(change_of(program).ends_with("resourcelock a\\x0ab"));
    unlink(lock.semaphore_path().c_str());
    unlink(lock.info_path().c_str());
    EXPECT_EQ(change_of(program), "none");
}

TEST(trace_changes, sees_one_holder_after_another)
{
    const lock_name lock;
    auto program = trace(lock);
    change_of(program);
    for (const std::string text : {"one", "two", "three"}) {
        const auto holder = holder_of(lock, text);
        const auto expected = "held " + std::to_string(holder.pid()) + " resourcelock " + text;
        while (change_of(program) != expected) {
        }
    }
}

TEST(trace_changes, as_json_prints_an_object_a_line)
{
    const lock_name lock;
    auto program = trace(lock, "-J");
    auto object = json::parse(program.line().value_or(""));
    EXPECT_EQ(object.at("state"), "none");
    run_program({lock, "get", "-m", "a\nb"});
    do
        object = json::parse(program.line().value_or(""));
    while (object.at("state") != "detached");
    const auto time = object.at("time").get<std::string>();
    EXPECT_TRUE(std::regex_match(time, std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[-+]\d\d:\d\d)"}))
        << time;
    EXPECT_EQ(object.at("name"), lock.str());
    EXPECT_TRUE(object.at("pid").is_number_integer());
    EXPECT_EQ(test::without_times(object.at("info")), "TIME - a\nb");
    for (const auto* const key : {"held", "waiters", "mode"})
        EXPECT_FALSE(object.contains(key)) << key;
}

TEST(trace_changes, ends_on_signals_and_closed_pipes)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        const lock_name lock;
        auto program = trace(lock);
        change_of(program);
        program.signal(signal);
        EXPECT_EQ(program.rest(), "");
        EXPECT_EQ(program.wait(), 0);
    }
    const lock_name lock;
    EXPECT_EQ(run_script("$0 $1 trace --changes | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}", lock),
              (outcome{"0\n", 0}));
    EXPECT_EQ(run_script("$0 $1 trace --changes -u 100 | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}", lock),
              (outcome{"0\n", 0}));
}
