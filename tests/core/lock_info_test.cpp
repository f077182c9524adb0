// The text of a lock: what is written, and what is read.
#include "errors.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <ctime>
#include <iomanip>
#include <regex>
#include <sstream>
#include <string>

using namespace resourcelock;
using test::error_of;
using test::lock_name;

namespace {

TEST(resource_lock, info_is_the_local_time_and_the_text)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = "tempmon.measure_loop #3"}));
    const auto info = lock.get_lock_info();
    EXPECT_TRUE(std::regex_match(
        info, std::regex{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} - tempmon\.measure_loop #3)"}))
        << info;
    const auto now = std::time(nullptr);
    std::tm then{};
    std::istringstream{info} >> std::get_time(&then, "%Y-%m-%d %H:%M:%S");
    then.tm_isdst = -1;
    EXPECT_NEAR(static_cast<double>(now), static_cast<double>(std::mktime(&then)), 2.0);
}

TEST(resource_lock, info_stays_after_the_release)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = "history"}));
    const auto held = lock.get_lock_info();
    lock.unget_lock();
    EXPECT_EQ(lock.get_lock_info(), held);
}

TEST(resource_lock, an_overlong_info_is_cut_at_the_end_of_a_character)
{
    const lock_name name;
    resource_lock lock{name};
    std::string text(3808, 'x');
    text += "\xe2\x82\xac and more"; // the Euro sign would end at byte 3811 of 3810
    ASSERT_TRUE(lock.get_lock({.lock_info = text}));
    EXPECT_TRUE(lock.I_have_the_lock());
    const auto info = lock.get_lock_info();
    EXPECT_EQ(info.substr(26), " - " + std::string(3808, 'x'));
}

TEST(resource_lock, an_info_of_the_greatest_length_is_kept_whole)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = std::string(3810, 'x')}));
    EXPECT_EQ(lock.get_lock_info().size(), 3839U);
    EXPECT_TRUE(lock.unget_lock());
    EXPECT_EQ(lock.lock_value(), 1);
}

TEST(resource_lock, info_ends_at_a_nul)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = std::string_view{"seen\0hidden", 11}}));
    EXPECT_EQ(lock.get_lock_info().substr(26), " - seen");
}

TEST(resource_lock, bytes_that_are_no_utf8_are_replaced_when_read)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.lock_info = "a\xff\xc3\xa4\xe2\x82"}));
    EXPECT_EQ(lock.get_lock_info().substr(29), "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(resource_lock, set_lock_info_replaces_the_text_as_it_stands)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock({.lock_info = "long enough to leave something behind"}));
    holder.set_lock_info("step 2");
    EXPECT_EQ(other.get_lock_info(), "step 2");
    EXPECT_TRUE(holder.I_have_the_lock());
    other.set_lock_info("somebody else's");
    EXPECT_EQ(holder.get_lock_info(), "somebody else's");
    EXPECT_TRUE(holder.I_have_the_lock());
    EXPECT_TRUE(holder.unget_lock());
    EXPECT_EQ(holder.lock_value(), 1);
}

TEST(resource_lock, set_lock_info_like_an_acquires_is_the_holders_only)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock({.lock_info = "mine"}));
    const auto before = holder.get_lock_info();
    EXPECT_EQ(error_of([&] { other.set_lock_info("2020-01-01 00:00:00 - theirs"); }),
              lock_errc::not_the_holder);
    EXPECT_EQ(holder.get_lock_info(), before);
    holder.set_lock_info("2020-01-01 00:00:00 - mine");
    EXPECT_TRUE(holder.I_have_the_lock());
    EXPECT_TRUE(holder.unget_lock());
    EXPECT_EQ(error_of([&] { other.set_lock_info("2020-01-01 00:00:00"); }), lock_errc::not_the_holder);
}

TEST(resource_lock, set_lock_info_cuts_at_3839_bytes)
{
    const lock_name name;
    resource_lock lock{name};
    lock.set_lock_info(std::string(5000, 'y'));
    EXPECT_EQ(lock.get_lock_info(), std::string(3839, 'y'));
    EXPECT_TRUE(lock.get_lock());
}

} // namespace
