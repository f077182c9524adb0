// Names and options that are refused before anything is made.
#include "errors.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include <unistd.h>

using namespace resourcelock;
using test::error_of;
using test::lock_name;

namespace {

class bad_lock_name : public testing::TestWithParam<std::string> {};

TEST_P(bad_lock_name, is_refused_with_a_sentence)
{
    try {
        const resource_lock lock{GetParam()};
        FAIL() << "accepted";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), lock_errc::bad_name);
        EXPECT_NE(std::string{error.what()}.find("use a file name such as"), std::string::npos)
            << error.what();
        EXPECT_EQ(std::string{error.what()}.find('\n'), std::string::npos) << error.what();
    }
}

INSTANTIATE_TEST_SUITE_P(table, bad_lock_name,
                         testing::Values("", "/", ".", "..", "/..", "a/b", "//a", "a/", "sem.a", "/sem.a",
                                         "a\nb", "a\x7f", "\x1b[2J", std::string("a\0b", 3),
                                         std::string(252, 'n')));

TEST(resource_lock, a_name_of_the_greatest_length_works)
{
    const lock_name name{std::string(251 - lock_name{""}.str().size() - 1, 'n')};
    ASSERT_LE(name.str().size(), 251U);
    resource_lock lock{name};
    EXPECT_TRUE(lock.get_lock());
}

class bad_lock_options : public testing::TestWithParam<lock_options> {};

TEST_P(bad_lock_options, are_refused_before_anything_is_made)
{
    const lock_name name;
    EXPECT_EQ(error_of([&] { const resource_lock lock{name, GetParam()}; }), lock_errc::bad_option);
    EXPECT_NE(access(name.info_path().c_str(), F_OK), 0);
    EXPECT_NE(access(name.semaphore_path().c_str(), F_OK), 0);
}

INSTANTIATE_TEST_SUITE_P(
    table, bad_lock_options,
    testing::Values(lock_options{.shared_mem_size = 0}, lock_options{.shared_mem_size = 4095},
                    lock_options{.shared_mem_size = (1U << 20U) + 1},
                    lock_options{.shared_mem_size = std::numeric_limits<std::size_t>::max()},
                    lock_options{.mode = 0}, lock_options{.mode = 0400}, lock_options{.mode = 0700},
                    lock_options{.mode = 04600}, lock_options{.mode = 0060}));

} // namespace
