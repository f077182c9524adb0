// The pictures of `resourcelock NAME timeline`: from logs of real programs that contend, die, time out and
// are robbed, and from made-up ones.
#include "picture.hpp"
#include "program.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>

using namespace std::chrono_literals;
using test::bars;
using test::child;
using test::folder;
using test::lock_name;
using test::timeline;

namespace {

/// As man 1 resourcelock says.
void log_to(const std::string& file)
{
    const auto log = spdlog::get("resourcelock");
    log->sinks() = {std::make_shared<spdlog::sinks::basic_file_sink_mt>(file)};
    log->set_pattern("[%Y-%m-%d %H:%M:%S.%f] %v");
    log->set_level(spdlog::level::trace);
    log->flush_on(spdlog::level::trace);
}

/// A program that does with its lock what it is told; the orders are a table.
const test::role obedient{"obedient", [](const std::vector<std::string>& args) {
                              log_to(args.at(1));
                              std::optional<resourcelock::resource_lock> lock{args.at(0)};
                              test::say("ready");
                              while (const auto order = test::hear()) {
                                  if (*order == "get")
                                      std::ignore = lock->get_lock(
                                          {.timeout = std::nullopt, .lock_info = "of " + args.at(1)});
                                  else if (*order == "try")
                                      std::ignore = lock->get_lock({.timeout = 10ms});
                                  else if (*order == "unget")
                                      lock->unget_lock();
                                  else if (*order == "force")
                                      lock->unget_lock({.force = true, .where_called = "by order"});
                                  else if (*order == "drop")
                                      lock.reset();
                                  test::say("done");
                              }
                              return 0;
                          }};

/// One that logs to `folder`/NAME.log.
class logging_program {
public:
    logging_program(const lock_name& lock, const folder& logs, const std::string& name)
        : log_{logs / (name + ".log")}, process_{child::in_role("obedient", {lock, log_})}
    {
        EXPECT_EQ(process_.line(), "ready");
    }

    void begin(const std::string& order) { process_.tell(order); }
    void end() { EXPECT_EQ(process_.line(), "done"); }
    void does(const std::string& order)
    {
        begin(order);
        end();
    }
    /// Until its log has these words.
    void says(const std::string& words) const
    {
        const auto last = std::chrono::steady_clock::now() + test::deadline;
        while (test::contents(log_).find(words) == std::string::npos) {
            ASSERT_LT(std::chrono::steady_clock::now(), last) << words;
            std::this_thread::sleep_for(1ms);
        }
    }
    void is_killed() { process_.kill(); }
    [[nodiscard]] const std::string& log() const { return log_; }

private:
    std::string log_;
    child process_;
};

class timeline_of_programs : public testing::Test {
protected:
    const lock_name lock_;
    const folder logs_;
    logging_program a_{lock_, logs_, "a"};
    logging_program b_{lock_, logs_, "b"};

    bars drawn() { return timeline({lock_, "timeline", a_.log(), b_.log()}); }
};

} // namespace

TEST_F(timeline_of_programs, one_waits_while_the_other_holds)
{
    a_.does("get");
    b_.begin("get");
    b_.says("lock requested");
    std::this_thread::sleep_for(20ms);
    a_.does("unget");
    b_.end();
    b_.does("unget");

    const auto picture = drawn();
    const auto first = picture.only("a", "hold");
    const auto wait = picture.only("b", "wait", 1);
    const auto second = picture.only("b", "hold");
    EXPECT_NE(first.about.find(" - of " + a_.log()), std::string::npos) << first.about;
    EXPECT_GE(wait.x, first.x);
    EXPECT_GE(second.x + 1, first.end());
    EXPECT_NEAR(wait.end(), second.x, 1);
    EXPECT_GT(wait.width, 100) << "most of the time";
    EXPECT_TRUE(picture.all("a", "dead").empty() && picture.all("b", "recovered").empty());
}

TEST_F(timeline_of_programs, a_killed_holder_and_who_recovers_from_it)
{
    a_.does("get");
    b_.begin("get");
    b_.says("lock requested");
    a_.is_killed();
    b_.end();
    b_.does("unget");

    const auto picture = drawn();
    const auto dead = picture.only("a", "dead");
    EXPECT_TRUE(picture.all("a", "hold").empty());
    EXPECT_NEAR(dead.end(), picture.only("b", "recovered").x, 2);
    EXPECT_NEAR(dead.end(), picture.only("b", "hold").x, 2);
}

TEST_F(timeline_of_programs, a_get_that_times_out)
{
    a_.does("get");
    b_.does("try");
    a_.does("unget");

    const auto picture = drawn();
    const auto wait = picture.only("b", "wait", 1);
    const auto sign = picture.only("b", "timeout");
    EXPECT_NEAR(sign.x, wait.end(), 1);
    EXPECT_NE(sign.about.find("of " + a_.log()), std::string::npos) << sign.about;
    EXPECT_TRUE(picture.all("b", "hold").empty());
}

TEST_F(timeline_of_programs, a_forced_release_ends_the_hold_of_the_other)
{
    a_.does("get");
    std::this_thread::sleep_for(5ms);
    b_.does("force");
    std::this_thread::sleep_for(5ms);
    a_.does("unget");

    const auto picture = drawn();
    const auto hold = picture.only("a", "hold");
    EXPECT_NEAR(picture.only("b", "forced").x, hold.end(), 1);
    EXPECT_NE(hold.about.find("forced release"), std::string::npos) << hold.about;
}

TEST_F(timeline_of_programs, an_object_that_goes_ends_its_hold)
{
    a_.does("get");
    a_.does("drop");
    std::this_thread::sleep_for(5ms);
    b_.does("get");
    b_.does("unget");

    const auto picture = drawn();
    const auto hold = picture.only("a", "hold");
    EXPECT_EQ(hold.about.find("not in the log"), std::string::npos) << hold.about;
    EXPECT_LT(hold.end() + 20, picture.only("b", "hold").x);
}
