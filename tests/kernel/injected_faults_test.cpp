// Every way to fail that the kernel has, from adapters that fail on demand (faulty_adapter.cpp): by messages,
// and by SMBus calls where the adapter has no others.
#include "board.hpp"
#include "child.hpp"
#include "fault_control.hpp"

#include <resourcelock/i2c_retry.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_retry;

namespace {

class injected_faults : public board::fixture, public testing::WithParamInterface<const char*> {
protected:
    void SetUp() override
    {
        board::fixture::SetUp();
        if (IsSkipped())
            return;
        made_control_.emplace(GetParam());
        made_bus_.emplace(GetParam());
    }

    faulty::fault_control& control() { return *made_control_; }
    i2c_bus& bus() { return *made_bus_; }

    std::array<std::uint8_t, 2> into_{};
    std::error_code error_;

private:
    std::optional<faulty::fault_control> made_control_;
    std::optional<i2c_bus> made_bus_;
};

INSTANTIATE_TEST_SUITE_P(, injected_faults, testing::Values(faulty::bus_name, faulty::smbus_bus_name),
                         [](const auto& bus) { return bus.index == 0 ? "messages" : "smbus"; });

int read_when_told(const std::vector<std::string>& args)
{
    i2c_bus bus{args.at(0), {.timeout = std::chrono::milliseconds{std::stoi(args.at(1))}}};
    test::say("ready");
    test::hear();
    std::array<std::uint8_t, 1> into{};
    std::error_code error;
    bus.write_read(faulty::memory, {0x20}, into, error);
    test::say(error ? error.message() : "read " + std::to_string(into[0]));
    return 0;
}
const test::role other_reader{"other reader", read_when_told};

} // namespace

TEST_P(injected_faults, none_is_a_working_memory)
{
    bus().write(faulty::memory, {0x30, 0x12, 0x34});
    bus().write_read(faulty::memory, {0x30}, into_);
    EXPECT_EQ(into_, (std::array<std::uint8_t, 2>{0x12, 0x34}));
    EXPECT_EQ("/dev/" + bus().lock_name(), GetParam());
}

TEST_P(injected_faults, every_errno_is_kept_and_has_its_meaning)
{
    struct {
        int number;
        i2c_errc meaning;
    } const all[] = {
        {EAGAIN, i2c_errc::arbitration_lost},
        {ETIMEDOUT, i2c_errc::timed_out},
        {EIO, i2c_errc::io_error},
        {EPROTO, i2c_errc::bad_protocol},
        {EBUSY, i2c_errc::bus_busy},
        {ENXIO, i2c_errc::no_acknowledge},
        {EREMOTEIO, i2c_errc::no_acknowledge},
        {EBADMSG, i2c_errc::corrupt},
        {EOPNOTSUPP, i2c_errc::not_supported},
        {ENODEV, i2c_errc::bus_gone},
    };
    for (const auto& fault : all) {
        control().order({.error = static_cast<std::uint8_t>(fault.number), .count = 255});
        bus().write_read(faulty::memory, {0x00}, into_, error_);
        EXPECT_EQ(error_.value(), fault.number) << error_;
        EXPECT_EQ(error_, fault.meaning) << error_;
    }
    control().order({});
    EXPECT_NO_THROW(bus().write_read(faulty::memory, {0x00}, into_)) << "and afterwards all is well";
}

TEST_P(injected_faults, lost_arbitration_is_tried_again_five_times_in_all)
{
    control().order({.error = EAGAIN, .count = 2});
    EXPECT_NO_THROW(bus().write_read(faulty::memory, {0x00}, into_));
    EXPECT_EQ(control().account().transfers, 3);

    control().order({.error = EAGAIN, .count = 255});
    bus().write_read(faulty::memory, {0x00}, into_, error_);
    EXPECT_EQ(error_, i2c_errc::arbitration_lost);
    EXPECT_EQ(control().account().transfers, 5);
}

TEST_P(injected_faults, nothing_else_is_tried_again_unasked)
{
    for (const int number : {ETIMEDOUT, EIO, EPROTO, EBUSY, ENXIO, EREMOTEIO, EBADMSG, EOPNOTSUPP}) {
        control().order({.error = static_cast<std::uint8_t>(number), .count = 255});
        bus().write_read(faulty::memory, {0x00}, into_, error_);
        EXPECT_TRUE(error_);
        EXPECT_EQ(control().account().transfers, 1) << error_;
    }
}

TEST_P(injected_faults, a_stuck_bus_is_not_tried_again_even_when_asked)
{
    i2c_bus patient{GetParam(), {.retry = i2c_retry::while_busy(1s)}};
    for (const int number : {ETIMEDOUT, EBUSY}) {
        control().order({.error = static_cast<std::uint8_t>(number), .count = 255});
        patient.write(faulty::memory, {0x00}, error_);
        EXPECT_TRUE(error_);
        EXPECT_EQ(control().account().transfers, 1) << error_;
    }
    control().order({.error = ENXIO, .count = 3});
    EXPECT_NO_THROW(patient.write(faulty::memory, {0x00})) << "but a device busy with itself is";
    EXPECT_EQ(control().account().transfers, 4);
}

TEST_P(injected_faults, a_short_transfer_is_an_error_and_not_data)
{
    control().order({.count = 1, .messages = 1});
    bus().write_read(faulty::memory, {0x00}, into_, error_);
    EXPECT_EQ(error_, i2c_errc::io_error) << error_;
}

TEST_P(injected_faults, a_short_transfer_is_tried_again_only_when_reading_it_is_harmless)
{
    i2c_bus patient{GetParam(), {.retry = i2c_retry::idempotent_reads()}};
    patient.write(faulty::memory, {0x40, 0x77});
    control().order({.count = 2, .messages = 1});
    patient.write_read(faulty::memory, {0x40}, std::span{into_}.first(1), error_);
    EXPECT_FALSE(error_) << error_;
    EXPECT_EQ(into_[0], 0x77);
    EXPECT_EQ(control().account().transfers, 3);

    control().order({.count = 255, .messages = 1});
    patient.write_read(faulty::memory, {0x40}, into_, error_);
    EXPECT_EQ(error_, i2c_errc::io_error) << error_;
    EXPECT_EQ(control().account().transfers, 3);
    bus().write_read(faulty::memory, {0x40}, into_, error_);
    EXPECT_EQ(error_, i2c_errc::io_error) << error_;
    EXPECT_EQ(control().account().transfers, 4) << "once without being asked to";
}

TEST_P(injected_faults, a_short_transfer_ends_a_sequence_and_the_bus_is_free)
{
    control().order({.count = 1, .messages = 1});
    bool went_on = false;
    try {
        bus().in_session([&](auto& session) {
            session.write_read(faulty::memory, {0x00}, into_);
            went_on = true;
        });
        FAIL() << "it was told as whole";
    } catch (const std::system_error& failed) {
        EXPECT_EQ(failed.code(), i2c_errc::io_error) << failed.what();
    }
    EXPECT_FALSE(went_on);
    auto other = test::child::in_role("other reader", {GetParam(), "1000"});
    ASSERT_EQ(other.line(), "ready");
    other.tell("go");
    EXPECT_TRUE(other.line().value_or("nothing").starts_with("read "));
}

TEST_P(injected_faults, who_waits_too_long_for_a_slow_device_times_out_and_sends_nothing)
{
    auto other = test::child::in_role("other reader", {GetParam(), "100"});
    ASSERT_EQ(other.line(), "ready");
    control().order({.count = 1, .delay_in_10_ms = 100});
    {
        auto session = bus().session();
        other.tell("go");
        session.write(faulty::memory, {0x20});
        EXPECT_EQ(other.line(), make_error_code(i2c_errc::lock_timeout).message())
            << "the session still holds it";
    }
    EXPECT_EQ(control().account().transfers, 1);
}

TEST_P(injected_faults, a_device_slower_than_the_time_for_retries_is_asked_once)
{
    i2c_bus patient{GetParam(), {.retry = i2c_retry::while_busy(50ms)}};
    control().order({.error = ENXIO, .count = 255, .delay_in_10_ms = 10});
    patient.write(faulty::memory, {0x00}, error_);
    EXPECT_EQ(error_, i2c_errc::no_acknowledge) << error_;
    EXPECT_EQ(control().account().transfers, 1);
}

TEST_P(injected_faults, others_wait_while_a_device_is_slow)
{
    bus().write(faulty::memory, {0x20, 42});
    auto other = test::child::in_role("other reader", {GetParam(), "10000"});
    ASSERT_EQ(other.line(), "ready");
    control().order({.count = 1, .delay_in_10_ms = 30});
    const auto start = std::chrono::steady_clock::now();
    {
        auto session = bus().session();
        other.tell("go");
        session.write(faulty::memory, {0x20});
        EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
        EXPECT_EQ(control().account().transfers, 1) << "nobody else was on the bus";
    }
    EXPECT_EQ(other.line(), "read 42");
}

TEST_P(injected_faults, the_kernel_is_asked_once_who_owns_an_address)
{
    control().order({});
    for (int i = 0; i < 100; ++i)
        bus().write_read(faulty::memory, {0x00}, into_);
    EXPECT_EQ(control().account().transfers, 100);
    EXPECT_EQ(control().account().owner_questions, 1);
}

TEST_P(injected_faults, a_bus_that_is_busy_and_an_address_in_use_are_two_errors)
{
    control().order({.error = EBUSY, .count = 1});
    bus().write(faulty::memory, {0x00}, error_);
    EXPECT_EQ(error_, i2c_errc::bus_busy) << error_;
    EXPECT_NE(error_, i2c_errc::address_in_use) << error_;

    control().order({});
    bus().write(faulty::owned, {0x00}, error_);
    EXPECT_EQ(error_, i2c_errc::address_in_use) << error_;
    EXPECT_EQ(control().account().transfers, 0) << "nothing was sent";
}
