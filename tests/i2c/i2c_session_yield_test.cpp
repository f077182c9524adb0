// Sessions that let others go first, and those that last too long.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::resource_lock;

/// Writes once it is told, and says what came of it.
const role write_when_told{"session.write", [](const std::vector<std::string>& args) {
                               i2c_bus bus{args.at(0)};
                               say("ready");
                               hear();
                               bus.write(ads1115, {2, 0x12, 0x34});
                               say("written");
                               return 0;
                           }};

TEST(i2c_session, a_yield_lets_those_who_wait_go_first)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto other = child::in_role("session.write", {sim.bus()});
    ASSERT_EQ(other.line(), "ready");
    auto session = bus.session();
    other.tell("write");
    bool came = false;
    for (int i = 0; i < 500 && !came; ++i) {
        std::this_thread::sleep_for(1ms); // the other one comes to wait
        session.yield();
        came = session.read_word_data(ads1115, 2) == 0x3412;
    }
    EXPECT_TRUE(came);
    EXPECT_EQ(other.line(), "written");
}

TEST(i2c_session, a_yield_takes_the_bus_back_under_a_new_text)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const resource_lock lock{sim.lock()};
    auto session = bus.session({.lock_info = "page 1"});
    session.yield({.lock_info = "page 2"});
    EXPECT_TRUE(lock.is_locked());
    EXPECT_NE(lock.get_lock_info().find("page 2"), std::string::npos);
    session.write(ads1115, {0x00});
}

TEST(i2c_session, one_that_does_not_get_the_bus_back_holds_nothing)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock greedy{sim.lock()};
    auto session = bus.session();
    std::thread waiting{[&] { EXPECT_TRUE(greedy.get_lock({.timeout = 20s})); }};
    std::error_code error;
    const auto end =
        std::chrono::steady_clock::now() + 15s; // whoever asks once is quicker than whoever wakes up
    while (!error && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(1ms);
        session.yield({.timeout = 0s}, error);
    }
    waiting.join();
    EXPECT_EQ(error, i2c_errc::lock_timeout);
    EXPECT_FALSE(session);
    session.write(ads1115, {0x00}, error);
    EXPECT_EQ(error, i2c_errc::hold_lost);
    session.yield({}, error);
    EXPECT_EQ(error, i2c_errc::hold_lost);
    EXPECT_TRUE(greedy.I_have_the_lock());
}

TEST(i2c_session, one_inside_another_gives_nothing_away)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock greedy{sim.lock()};
    const auto outer = bus.session();
    auto inner = bus.session();
    std::jthread waiting{
        [&](const std::stop_token& stop) { EXPECT_FALSE(greedy.get_lock({.timeout = 20s, .stop = stop})); }};
    for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(1ms);
        inner.yield({.timeout = 0s});
    }
}

TEST(i2c_session, a_lost_one_does_not_come_back_by_a_yield)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto session = bus.session();
    resource_lock{sim.lock()}.unget_lock({.force = true});
    std::error_code error;
    session.yield({}, error);
    EXPECT_EQ(error, i2c_errc::hold_lost);
    EXPECT_FALSE(session);
}

/// What the library's logger says at its usual level.
class warnings {
public:
    warnings() : sink_{std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(10)}
    {
        spdlog::get("resourcelock")->sinks().push_back(sink_);
    }
    ~warnings() { spdlog::get("resourcelock")->sinks().pop_back(); }
    warnings(const warnings&) = delete;
    warnings& operator=(const warnings&) = delete;
    [[nodiscard]] std::vector<std::string> all() const { return sink_->last_formatted(); }

private:
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink_;
};

TEST(i2c_session, one_that_was_longer_than_it_meant_to_be_is_reported)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const warnings logged;
    {
        auto session = bus.session({.max_hold = 1ms});
        std::this_thread::sleep_for(2ms);
        session.yield({.max_hold = 1h}); // ends a hold too
        EXPECT_EQ(logged.all().size(), 1U);
    }
    {
        const auto session = bus.session();
    }
    ASSERT_EQ(logged.all().size(), 1U);
    EXPECT_NE(logged.all().front().find(sim.bus() + " was held for"), std::string::npos)
        << logged.all().front();
    EXPECT_NE(logged.all().front().find("1.0 ms at most"), std::string::npos);
}

} // namespace
