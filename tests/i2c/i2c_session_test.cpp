// Sessions: who is kept out, how long, and what ends one before its time.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"
#include "together.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_session;
using resourcelock::resource_lock;

/// Measures a channel of the ADS1115 each time it is told to.
const role measure_when_told{"session.measure", [](const std::vector<std::string>& args) {
                                 i2c_bus bus{args.at(0), {.timeout = 50ms}};
                                 say("ready");
                                 while (hear()) {
                                     try {
                                         say(std::to_string(measure(bus, 1)));
                                     } catch (const std::system_error& error) {
                                         say(error.code() == i2c_errc::lock_timeout ? "kept out"
                                                                                    : error.what());
                                     }
                                 }
                                 return 0;
                             }};

TEST(i2c_session, without_one_another_process_swaps_the_result)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto other = child::in_role("session.measure", {sim.bus()});
    ASSERT_EQ(other.line(), "ready");
    bus.write(ads1115, start_conversion(0));
    std::this_thread::sleep_for(conversion_time);
    other.tell("measure");
    EXPECT_EQ(other.line(), std::to_string(channel_codes[1]));
    EXPECT_EQ(read_result(bus), channel_codes[1]) << "valid, silent, and not ours";
}

TEST(i2c_session, with_one_another_process_is_kept_out)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto other = child::in_role("session.measure", {sim.bus()});
    ASSERT_EQ(other.line(), "ready");
    {
        auto session = bus.session();
        session.write(ads1115, start_conversion(0));
        std::this_thread::sleep_for(conversion_time);
        other.tell("measure");
        EXPECT_EQ(other.line(), "kept out");
        EXPECT_EQ(read_result(session), channel_codes[0]);
    }
    other.tell("measure");
    EXPECT_EQ(other.line(), std::to_string(channel_codes[1])) << "released at the end of the scope";
}

/// Measures one channel again and again; says how many results were another channel's.
const role measure_many{"session.measure_many", [](const std::vector<std::string>& args) {
                            i2c_bus bus{args.at(0)};
                            const auto channel = static_cast<unsigned>(std::stoul(args.at(1)));
                            const int count = std::stoi(args.at(2));
                            int wrong = 0;
                            say("ready");
                            hear();
                            for (int i = 0; i < count; ++i) {
                                auto session = bus.session({.timeout = 20s});
                                wrong += measure(session, channel) != channel_codes[channel];
                            }
                            say(std::to_string(wrong));
                            return 0;
                        }};

TEST(i2c_session, contending_processes_never_get_each_others_results)
{
    const sim_name sim;
    std::vector<std::vector<std::string>> each;
    for (int channel = 0; channel < 4; ++channel)
        each.push_back({sim.bus(), std::to_string(channel), "50"});
    EXPECT_EQ(run_together("session.measure_many", each), std::vector<std::string>(4, "0"));
}

int wrong_results_of_two_threads(i2c_bus& bus, bool with_session)
{
    std::atomic<int> wrong{0};
    const auto body = [&](unsigned channel) {
        for (int i = 0; i < 50; ++i) {
            std::unique_lock session{bus, std::defer_lock};
            if (with_session)
                session.lock();
            wrong += measure(bus, channel) != channel_codes[channel];
        }
    };
    std::thread first{body, 0};
    std::thread second{body, 1};
    first.join();
    second.join();
    return wrong;
}

TEST(i2c_session, threads_that_share_a_bus_object_exclude_each_other)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(wrong_results_of_two_threads(bus, true), 0);
}

TEST(i2c_session, threads_without_one_get_each_others_results)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    int wrong = 0;
    for (int round = 0; round < 20 && wrong == 0; ++round)
        wrong = wrong_results_of_two_threads(bus, false);
    EXPECT_GT(wrong, 0);
}

TEST(i2c_session, a_thread_that_releases_and_takes_again_lets_a_waiting_one_go_first)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::atomic<bool> stop{false};
    std::atomic<int> greedy_holds{0};
    std::thread greedy{[&] {
        while (!stop) {
            const auto session = bus.session();
            ++greedy_holds;
            std::this_thread::sleep_for(1ms);
        }
    }};
    while (greedy_holds == 0)
        std::this_thread::yield();
    int overtaken = 0;
    for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(500us); // so that the other one has it when we ask
        const int before = greedy_holds;
        const auto session = bus.session({.timeout = 20s});
        overtaken += greedy_holds - before;
    }
    stop = true;
    greedy.join();
    EXPECT_LT(overtaken, 10) << "nearly never: only where this thread was interrupted before it waited";
}

TEST(i2c_session, another_threads_call_waits_for_its_end)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 30ms}};
    std::error_code during;
    std::error_code after;
    {
        const auto session = bus.session();
        std::thread{[&] { bus.write(ads1115, {0x00}, during); }}.join();
    }
    std::thread{[&] { bus.write(ads1115, {0x00}, after); }}.join();
    EXPECT_EQ(during, i2c_errc::lock_timeout);
    EXPECT_FALSE(after);
}

TEST(i2c_session, sessions_of_one_thread_share_one_hold_until_the_outermost_ends)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 0s}};
    const resource_lock lock{sim.lock()};
    {
        auto outer = bus.session();
        {
            auto inner = bus.session();
            inner.write(ads1115, {0x00});
            const std::scoped_lock innermost{bus};
            bus.write(ads1115, {0x00});
        }
        EXPECT_TRUE(lock.is_locked());
        outer.write(ads1115, {0x00});
    }
    EXPECT_FALSE(lock.is_locked());
}

TEST(i2c_session, the_standards_guards_open_and_close_one)
{
    const sim_name sim;
    const sim_name another;
    i2c_bus bus{sim.bus()};
    i2c_bus second{another.bus()};
    const resource_lock lock{sim.lock()};
    {
        const std::scoped_lock both{bus, second};
        EXPECT_TRUE(lock.is_locked());
        bus.write(ads1115, {0x00});
        second.write(ads1115, {0x00});
    }
    EXPECT_FALSE(lock.is_locked());

    resource_lock holder{sim.lock()};
    ASSERT_TRUE(holder.get_lock());
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE((std::unique_lock{bus, 50ms}));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
    EXPECT_FALSE((std::unique_lock{bus, std::chrono::system_clock::now() + 20ms}));
    EXPECT_FALSE((std::unique_lock{bus, std::try_to_lock}));
    EXPECT_FALSE(bus.try_lock());
    holder.unget_lock();
    EXPECT_TRUE((std::unique_lock{bus, 50ms}));
    EXPECT_FALSE(lock.is_locked());
}

TEST(i2c_session, unlock_without_lock_releases_nothing)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock lock{sim.lock()};
    bus.unlock();
    ASSERT_TRUE(lock.get_lock());
    bus.unlock();
    EXPECT_TRUE(lock.I_have_the_lock());
    lock.unget_lock();

    const std::scoped_lock session{bus};
    std::thread{[&] { bus.unlock(); }}.join();
    EXPECT_TRUE(lock.is_locked()) << "another thread's";
}

TEST(i2c_session, its_text_is_its_own_or_the_buss)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.lock_info = "logger"}};
    const resource_lock lock{sim.lock()};
    {
        const auto session = bus.session({.lock_info = "tempmon #3"});
        EXPECT_NE(lock.get_lock_info().find(" - tempmon #3"), std::string::npos) << lock.get_lock_info();
    }
    const auto session = bus.session();
    EXPECT_NE(lock.get_lock_info().find(" - logger"), std::string::npos) << lock.get_lock_info();
}

TEST(i2c_session, a_failed_one_holds_nothing_and_sends_nothing)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock holder{sim.lock()};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_THROW(static_cast<void>(bus.session({.timeout = 0s})), std::system_error);
    std::error_code error;
    auto session = bus.session({.timeout = 10ms}, error);
    EXPECT_EQ(error, i2c_errc::lock_timeout);
    EXPECT_FALSE(session);
    holder.unget_lock();
    session.write(ads1115, {0x02, 0x12, 0x34}, error);
    EXPECT_EQ(error, i2c_errc::hold_lost);
    EXPECT_EQ(session.read_byte_data(ads1115, 0x02, error), 0);
    EXPECT_EQ(error, i2c_errc::hold_lost);
    EXPECT_THROW(session.write(ads1115, {0x00}), std::system_error);
    EXPECT_EQ(bus.read_byte_data(ads1115, 0x02), 0x80);
}

TEST(i2c_session, a_stop_request_ends_the_wait)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock holder{sim.lock()};
    std::stop_source stop;
    std::error_code error;
    const auto wait = [&] {
        std::jthread later{[&] {
            std::this_thread::sleep_for(20ms);
            stop.request_stop();
        }};
        const auto session = bus.session({.timeout = std::nullopt, .stop = stop.get_token()}, error);
        EXPECT_FALSE(session);
    };
    ASSERT_TRUE(holder.get_lock());
    wait();
    EXPECT_EQ(error, i2c_errc::lock_timeout) << "waiting for another object";
    holder.unget_lock();

    const auto own = bus.session();
    stop = std::stop_source{};
    std::thread{wait}.join();
    EXPECT_EQ(error, i2c_errc::lock_timeout) << "waiting for another thread";
}

const role hold{"session.hold", [](const std::vector<std::string>& args) {
                    i2c_bus bus{args.at(0)};
                    auto session = bus.session();
                    session.write(ads1115, {0x00});
                    say("held");
                    hear();
                    return 0;
                }};

TEST(i2c_session, a_killed_holder_frees_the_bus)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 5s}};
    for (int round = 0; round < 3; ++round) {
        auto holder = child::in_role("session.hold", {sim.bus()});
        ASSERT_EQ(holder.line(), "held");
        std::error_code error;
        EXPECT_FALSE(bus.session({.timeout = 20ms}, error));
        holder.kill();
        bus.write(ads1115, {0x00}, error);
        EXPECT_FALSE(error) << error.message();
    }
}

TEST(i2c_session, a_forced_release_is_reported_before_anything_is_sent)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    resource_lock other{sim.lock()};
    {
        auto session = bus.session();
        ASSERT_TRUE(other.unget_lock({.force = true}));
        std::error_code error;
        session.write(ads1115, {0x02, 0x12, 0x34}, error);
        EXPECT_EQ(error, i2c_errc::hold_lost);
        EXPECT_EQ(error, resourcelock::lock_errc::lock_lost);
        bus.write(ads1115, {0x02, 0x12, 0x34}, error);
        EXPECT_EQ(error, i2c_errc::hold_lost) << "the bus in the same thread";
        EXPECT_FALSE(bus.session({}, error));
        EXPECT_EQ(error, i2c_errc::hold_lost) << "a session inside";
        EXPECT_THROW(session.write(ads1115, {0x00}), std::system_error);

        ASSERT_TRUE(other.get_lock());
    }
    EXPECT_TRUE(other.I_have_the_lock()) << "the next holder keeps the lock when the session ends";
    other.unget_lock();
    EXPECT_EQ(bus.read_byte_data(ads1115, 0x02), 0x80);
}

TEST(i2c_session, a_lost_one_is_not_revived_by_another_thread_of_the_program)
{
    const sim_name sim;
    i2c_bus bus{sim.bus(), {.timeout = 50ms}};
    resource_lock other{sim.lock()};
    auto session = bus.session();
    ASSERT_TRUE(other.unget_lock({.force = true}));
    std::thread{[&] {
        std::error_code waited;
        bus.write(ads1115, {0x00}, waited);
        EXPECT_EQ(waited, i2c_errc::lock_timeout);
    }}.join();
    std::error_code error;
    session.write(ads1115, {0x00}, error);
    EXPECT_EQ(error, i2c_errc::hold_lost);
}

/// Takes two buses at once again and again, in the order it is told.
const role take_two{"session.take_two", [](const std::vector<std::string>& args) {
                        i2c_bus one{args.at(0)};
                        i2c_bus two{args.at(1)};
                        say("ready");
                        hear();
                        for (int i = 0; i < 200; ++i) {
                            const std::scoped_lock both{one, two};
                            one.write(ads1115, {0x00});
                            two.write(ads1115, {0x00});
                        }
                        say("done");
                        return 0;
                    }};

TEST(i2c_session, processes_that_take_two_buses_in_either_order_do_not_block_each_other)
{
    const sim_name sim;
    const sim_name another;
    EXPECT_EQ(run_together("session.take_two", {{sim.bus(), another.bus()}, {another.bus(), sim.bus()}}),
              (std::vector<std::string>{"done", "done"}));
}

TEST(i2c_session, bus_objects_with_one_lock_share_a_threads_hold)
{
    const sim_name sim; // as two channels of one multiplexer do
    const sim_name another;
    i2c_bus one{sim.bus(), {.timeout = 0s}};
    i2c_bus two{another.bus(), {.timeout = 0s, .lock_name = "/" + sim.lock()}};
    const resource_lock lock{sim.lock()};
    {
        const std::scoped_lock both{one, two};
        one.write(ads1115, {0x00});
        two.write(ads1115, {0x00});
        std::error_code of_another_thread;
        std::thread{[&] { two.write(ads1115, {0x00}, of_another_thread); }}.join();
        EXPECT_EQ(of_another_thread, i2c_errc::lock_timeout);
    }
    EXPECT_FALSE(lock.is_locked());
}

TEST(i2c_session, a_bus_opened_after_its_lock_was_removed_does_not_share_the_old_one)
{
    const sim_name sim;
    i2c_bus old{sim.bus()};
    unlink(sim.info_path().c_str());
    unlink(sim.semaphore_path().c_str());
    i2c_bus fresh{sim.bus()};
    std::this_thread::sleep_for(10ms); // the next tick of the kernel's clock
    std::error_code error;
    fresh.write(ads1115, {0x00}, error);
    EXPECT_FALSE(error) << error.message();
    old.write(ads1115, {0x00}, error);
    EXPECT_EQ(error, resourcelock::lock_errc::lock_replaced);
}

TEST(i2c_session, a_forked_child_does_not_share_its_parents_hold)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const auto session = bus.session();
    const pid_t pid = fork();
    if (pid == 0) {
        std::error_code error;
        i2c_bus{sim.bus(), {.timeout = 0s}}.write(ads1115, {0x00}, error);
        _exit(error == i2c_errc::lock_timeout ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
}

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

TEST(i2c_session, an_inherited_bus_says_so_at_once_whatever_the_parents_threads_did)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::atomic<bool> stop{false};
    std::thread busy{[&] {
        while (!stop)
            const auto session = bus.session();
    }};
    int wrong = 0;
    for (int i = 0; i < 50; ++i) {
        const pid_t pid = fork();
        if (pid == 0) {
            alarm(10); // a child that hangs
            std::error_code error;
            bus.write(ads1115, {0x00}, error);
            const bool in_session =
                !bus.session({}, error) && error == resourcelock::lock_errc::used_after_fork;
            bool thrown = false;
            try {
                bus.lock();
            } catch (const std::system_error& caught) {
                thrown = caught.code() == resourcelock::lock_errc::used_after_fork;
            }
            _exit(in_session && thrown ? 0 : 1);
        }
        int status = -1;
        EXPECT_EQ(waitpid(pid, &status, 0), pid);
        wrong += status != 0;
    }
    stop = true;
    busy.join();
    EXPECT_EQ(wrong, 0);
}

} // namespace
