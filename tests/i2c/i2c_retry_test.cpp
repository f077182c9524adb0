#include <resourcelock/i2c_bus.hpp>
#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace std::chrono_literals;
using resourcelock::i2c_attempts;
using resourcelock::i2c_errc;
using resourcelock::i2c_retry;
using resourcelock::i2c_session;
using resourcelock::playback_bus;

std::error_code failed_with(int error) { return {error, std::system_category()}; }

/// How many attempts a policy makes when each fails with this errno.
int attempts_at(const i2c_retry& policy, int error)
{
    int made = 1;
    for (i2c_attempts attempts{policy}; attempts.again(failed_with(error)); ++made) {
    }
    return made;
}

TEST(i2c_retry, each_policy_repeats_its_own_failures_and_no_others)
{
    struct {
        const char* name;
        i2c_retry policy;
        int arbitration;
        int damage;
    } const cases[] = {{"none", i2c_retry::none(), 1, 1},
                       {"arbitration_lost", i2c_retry::arbitration_lost(), 5, 1},
                       {"while_busy", i2c_retry::while_busy(0ms), 5, 1},
                       {"idempotent_reads", i2c_retry::idempotent_reads(), 5, 3},
                       {"its part for writes", i2c_retry::idempotent_reads().for_writes(), 5, 1}};
    for (const auto& [name, policy, arbitration, damage] : cases) {
        SCOPED_TRACE(name);
        EXPECT_EQ(attempts_at(policy, EAGAIN), arbitration);
        EXPECT_EQ(attempts_at(policy, EIO), damage);
        EXPECT_EQ(attempts_at(policy, EBADMSG), damage);
        for (const int error : {0, ENXIO, EREMOTEIO, ETIMEDOUT, EBUSY, EPROTO, EOPNOTSUPP, EINVAL, ENODEV})
            EXPECT_EQ(attempts_at(policy, error), 1) << error;
    }
}

TEST(i2c_retry, a_busy_device_is_asked_again_until_the_deadline)
{
    for (const int error : {ENXIO, EREMOTEIO}) {
        const auto start = std::chrono::steady_clock::now();
        EXPECT_GT(attempts_at(i2c_retry::while_busy(20ms), error), 2);
        EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    }
}

TEST(i2c_retry, success_is_the_end)
{
    i2c_attempts attempts{i2c_retry::idempotent_reads()};
    EXPECT_FALSE(attempts.again({}));
}

TEST(i2c_retry, a_bus_repeats_its_single_transactions)
{
    playback_bus bus{R"(
        session {              # all attempts in one hold of the bus
            w 0x20 01 ! EAGAIN
            w 0x20 01 ! EAGAIN
            w 0x20 01
        }
        w 0x20 02 ! EIO        # a write is not repeated once it may have been carried out
        session {
            w 0x20 03 ; r 0x20 xx ! EIO
            w 0x20 03 ; r 0x20 2a
        }
        session {
            w 0x20 04 ; r 0x20 xx xx ! EBADMSG
            w 0x20 04 ; r 0x20 01 02
        }
    )",
                     {.retry = i2c_retry::idempotent_reads()}};
    std::error_code error;
    bus.write(0x20, {1});
    bus.write(0x20, {2}, error);
    EXPECT_EQ(error, i2c_errc::io_error);
    EXPECT_EQ(bus.read_byte_data(0x20, 3), 0x2a);
    EXPECT_EQ(bus.read_word_data(0x20, 4), 0x0201);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_retry, in_a_session_nothing_is_repeated_alone)
{
    playback_bus bus{"w 0x20 01 ! EAGAIN", {.retry = i2c_retry::arbitration_lost()}};
    auto session = bus.session();
    std::error_code error;
    session.write(0x20, {1}, error);
    EXPECT_EQ(error, i2c_errc::arbitration_lost);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_retry, a_sequence_begins_again_from_its_first_step_in_the_same_session)
{
    playback_bus bus{R"(
        session {
            w 0x20 01
            w 0x20 02 ! EAGAIN
            w 0x20 01
            w 0x20 02
        }
    )"};
    const auto result = bus.in_session([](i2c_session& session) {
        session.write(0x20, {1});
        session.write(0x20, {2});
        return std::string{"done"};
    });
    EXPECT_EQ(result, "done");
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_retry, a_sequence_ends_with_the_last_error)
{
    playback_bus bus{"session {\nw 0x20 01 ! EIO\nw 0x20 01 ! EIO\nw 0x20 01 ! EIO\n}"};
    const auto sequence = [](i2c_session& session) { session.write(0x20, {1}); };
    try {
        bus.in_session({.retry = i2c_retry::idempotent_reads()}, sequence);
        ADD_FAILURE() << "nothing thrown";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), EIO);
    }
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_retry, a_sequence_inside_a_session_is_not_repeated_by_itself)
{
    playback_bus bus{"session {\nw 0x20 01\nw 0x20 02 ! EAGAIN\nw 0x20 01\nw 0x20 02\n}"};
    bus.in_session([&](i2c_session& session) {
        session.write(0x20, {1});
        bus.in_session([](i2c_session& inner) { inner.write(0x20, {2}); });
    });
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_retry, a_deadline_may_be_as_late_as_it_likes)
{
    i2c_attempts attempts{i2c_retry::while_busy(std::chrono::nanoseconds::max())};
    EXPECT_TRUE(attempts.again(failed_with(ENXIO)));
}

} // namespace
