// The two loggers: silent by default, and the words of cjnfuncs.resourcelock when they are not.
#include "child.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::lock_name;

namespace {

const bool existed_before_main =
    spdlog::get("resourcelock") != nullptr && spdlog::get("resourcelock_islocked") != nullptr;

/// Collects what both loggers say at debug level or another, as "function: message", for its lifetime.
class debug_log {
public:
    explicit debug_log(spdlog::level::level_enum level = spdlog::level::debug)
        : sink_{std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100)}
    {
        sink_->set_pattern("%s %!: %v");
        for (const auto* const name : {"resourcelock", "resourcelock_islocked"}) {
            spdlog::get(name)->sinks().push_back(sink_);
            spdlog::get(name)->set_level(level);
        }
    }
    ~debug_log()
    {
        for (const auto* const name : {"resourcelock", "resourcelock_islocked"}) {
            spdlog::get(name)->sinks().pop_back();
            spdlog::get(name)->set_level(spdlog::level::warn);
        }
    }
    debug_log(const debug_log&) = delete;
    debug_log& operator=(const debug_log&) = delete;

    [[nodiscard]] std::string last() const
    {
        const auto lines = sink_->last_formatted(1);
        return lines.empty() ? "" : lines.back().substr(0, lines.back().size() - 1);
    }
    [[nodiscard]] std::string all() const
    {
        std::string text;
        for (const auto& line : sink_->last_formatted())
            text += line;
        return text;
    }
    [[nodiscard]] std::size_t size() const { return sink_->last_formatted().size(); }

private:
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink_;
};

} // namespace

TEST(lock_log, loggers_exist_before_main_and_are_silent)
{
    EXPECT_TRUE(existed_before_main);
    EXPECT_EQ(spdlog::get("resourcelock")->level(), spdlog::level::warn);
    EXPECT_EQ(spdlog::get("resourcelock_islocked")->level(), spdlog::level::warn);
}

TEST(lock_log, each_call_says_the_references_words)
{
    const lock_name lock;
    resource_lock mine{lock};
    resource_lock other{lock};
    const std::string name = "<" + lock.str() + ">";
    const debug_log log;

    ASSERT_TRUE(mine.get_lock({.lock_info = "here"}));
    const auto info = "<" + mine.get_lock_info() + ">";
    EXPECT_EQ(log.last(),
              "resourcelock get_lock: " + name + " lock request successful - Granted         " + info);
    EXPECT_FALSE(mine.get_lock({.timeout = 0s}));
    EXPECT_EQ(log.last(),
              "resourcelock get_lock: " + name + " lock request timed out  - Current owner   " + info);
    EXPECT_TRUE(mine.get_lock({.same_process_ok = true}));
    EXPECT_EQ(log.last(),
              "resourcelock get_lock: " + name + " lock already acquired   - Prior grant     " + info);
    (void)mine.is_locked();
    EXPECT_EQ(log.last(),
              "resourcelock is_locked: " + name + " is currently locked?  <True>  Prior info  " + info);
    (void)mine.lock_value();
    EXPECT_EQ(log.last(), "resourcelock lock_value: " + name + " semaphore = 0");
    other.unget_lock({.where_called = "w"});
    EXPECT_EQ(log.last(), "resourcelock unget_lock: " + name +
                              " lock unget request ignored - lock not owned by current process  <w>");
    mine.unget_lock({.where_called = "w"});
    EXPECT_EQ(log.last(), "resourcelock unget_lock: " + name + " lock released  <w>");
    mine.unget_lock({.where_called = "w"});
    EXPECT_EQ(log.last(), "resourcelock unget_lock: " + name + " Extraneous lock unget request ignored  <w>");
    ASSERT_TRUE(mine.get_lock());
    other.unget_lock({.force = true, .where_called = "w"});
    EXPECT_EQ(log.last(), "resourcelock unget_lock: " + name + " lock force released  <w>");
    mine.close();
    EXPECT_EQ(log.last(), "resourcelock close: " + name + " semaphore closed");
}

TEST(lock_log, control_characters_of_where_called_are_escaped)
{
    const lock_name name;
    resource_lock lock{name};
    const debug_log log;
    lock.unget_lock({.where_called = "a\x1b[31m\nb"});
    EXPECT_NE(log.last().find("<a\\x1b[31m\\x0ab>"), std::string::npos) << log.last();
}

TEST(lock_log, close_logs_once_and_the_destructor_not_at_all)
{
    const lock_name name;
    const debug_log log;
    {
        resource_lock lock{name};
        lock.close();
        EXPECT_EQ(log.size(), 1U);
        lock.close();
    }
    {
        const resource_lock lock{name};
    }
    EXPECT_EQ(log.size(), 1U);
}

TEST(lock_log, control_characters_of_an_info_are_escaped)
{
    const lock_name name;
    resource_lock lock{name};
    const debug_log log;
    ASSERT_TRUE(lock.get_lock({.lock_info = "a\x1b[31m\nb\xc2\x9b"}));
    EXPECT_NE(log.last().find(R"(a\x1b[31m\x0ab\x9b)"), std::string::npos) << log.last();
}

TEST(lock_log, trace_tells_of_requests_and_of_holds_that_end_with_their_object)
{
    const lock_name name;
    const auto before = "resourcelock get_lock: <" + name.str() + "> ";
    std::string info;
    const debug_log log{spdlog::level::trace};
    {
        resource_lock lock{name};
        ASSERT_TRUE(lock.get_lock({.lock_info = "here\n"}));
        info = lock.get_lock_info();
    }
    EXPECT_EQ(log.all(),
              before + fmt::format("lock requested          - Process {:<7} <here\\x0a>\n", getpid()) +
                  before + "lock request successful - Granted         <" + info.substr(0, info.size() - 1) +
                  "\\x0a>\nresourcelock close: <" + name.str() + "> lock released  <the lock was closed>\n");
}

TEST(lock_log, trace_tells_of_a_request_that_failed)
{
    const lock_name name;
    resource_lock lock{name};
    std::filesystem::remove(name.info_path());
    std::filesystem::remove(name.semaphore_path());
    const debug_log log{spdlog::level::trace};
    std::error_code error;
    EXPECT_FALSE(lock.get_lock({.timeout = 0s}, error));
    EXPECT_EQ(error, lock_errc::lock_replaced);
    EXPECT_TRUE(log.last().ends_with("lock request failed     - Its files were replaced")) << log.last();
}

namespace {

const test::role die_holding{"die_holding", [](const std::vector<std::string>& args) {
                                 resource_lock lock{args.at(0)};
                                 lock.lock();
                                 test::say("held");
                                 test::hear();
                                 return 0;
                             }};

} // namespace

TEST(lock_log, info_tells_of_a_get_that_recovered)
{
    const lock_name name;
    resource_lock lock{name};
    auto holder = test::child::in_role("die_holding", {name});
    ASSERT_EQ(holder.line(), "held");
    holder.kill();
    const debug_log log{spdlog::level::info};
    ASSERT_TRUE(lock.get_lock({.timeout = 30s}));
    EXPECT_EQ(log.all(),
              "resourcelock get_lock: <" + name.str() + "> lock recovered          - Its last holder died\n");
    lock.unget_lock();
    ASSERT_TRUE(lock.get_lock({.timeout = 30s}));
    EXPECT_EQ(log.size(), 1U) << "the holder before it had not died";
}
