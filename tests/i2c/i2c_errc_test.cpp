#include <resourcelock/i2c_errc.hpp>
#include <resourcelock/lock_errc.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace {

using resourcelock::i2c_address_category;
using resourcelock::i2c_category;
using resourcelock::i2c_errc;
using resourcelock::lock_errc;

constexpr i2c_errc all[] = {
    i2c_errc::no_acknowledge, i2c_errc::arbitration_lost, i2c_errc::timed_out, i2c_errc::bus_busy,
    i2c_errc::address_in_use, i2c_errc::not_supported,    i2c_errc::corrupt,   i2c_errc::bad_protocol,
    i2c_errc::io_error,       i2c_errc::bus_gone,         i2c_errc::bad_bus,   i2c_errc::bad_address,
    i2c_errc::bad_length,     i2c_errc::lock_timeout,     i2c_errc::hold_lost,
};

/// The conditions an error meets must be this one, and no other.
void expect_only(std::error_code error, i2c_errc expected)
{
    for (const auto condition : all)
        EXPECT_EQ(error == condition, condition == expected)
            << error << " against " << static_cast<int>(condition);
}

TEST(i2c_errc, an_errno_of_a_transfer_means_one_condition)
{
    struct {
        int number;
        i2c_errc meaning;
    } const cases[] = {
        {ENXIO, i2c_errc::no_acknowledge},
        {EREMOTEIO, i2c_errc::no_acknowledge},
        {EAGAIN, i2c_errc::arbitration_lost},
        {ETIMEDOUT, i2c_errc::timed_out},
        {EBUSY, i2c_errc::bus_busy},
        {EOPNOTSUPP, i2c_errc::not_supported},
        {EBADMSG, i2c_errc::corrupt},
        {EPROTO, i2c_errc::bad_protocol},
        {EIO, i2c_errc::io_error},
        {ENODEV, i2c_errc::bus_gone},
    };
    for (const auto& [number, meaning] : cases) {
        expect_only({number, std::system_category()}, meaning);
        expect_only({number, std::generic_category()}, meaning);
    }
}

TEST(i2c_errc, busy_from_the_address_check_is_not_a_busy_bus)
{
    const std::error_code owned{EBUSY, i2c_address_category()};
    expect_only(owned, i2c_errc::address_in_use);
    EXPECT_EQ(owned, std::errc::device_or_resource_busy);
    EXPECT_EQ(owned.value(), EBUSY);
    EXPECT_EQ(owned.message(), std::system_category().message(EBUSY));
    expect_only({ENODEV, i2c_address_category()}, i2c_errc::bus_gone);
}

TEST(i2c_errc, a_lost_lock_is_a_lost_hold)
{
    expect_only(lock_errc::lock_lost, i2c_errc::hold_lost);
    for (const auto other : {lock_errc::lock_replaced, lock_errc::closed, lock_errc::bad_name})
        for (const auto condition : all)
            EXPECT_NE(std::error_code{other}, condition);
}

TEST(i2c_errc, no_error_meets_no_condition)
{
    for (const auto condition : all) {
        EXPECT_NE(std::error_code{}, condition);
        EXPECT_NE((std::error_code{EINVAL, std::system_category()}), condition);
    }
}

TEST(i2c_errc, every_condition_has_its_own_words)
{
    std::set<std::string> messages;
    for (const auto condition : all) {
        expect_only(make_error_code(condition), condition);
        const auto text = make_error_code(condition).message();
        EXPECT_EQ(text.find("unknown"), std::string::npos);
        EXPECT_EQ(text.find('\n'), std::string::npos);
        messages.insert(text);
    }
    EXPECT_EQ(messages.size(), std::size(all));
    EXPECT_EQ(i2c_category().message(999), "unknown error 999");
}

} // namespace
