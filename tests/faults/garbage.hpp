#pragma once

#include "raw_lock.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

/// What stands over a lock's segment when somebody has written there who should not.
namespace test {

constexpr auto slack = std::chrono::seconds{2};

/// Garbage that begins at a byte of the segment.
struct garbage {
    const char* name;
    std::size_t at;
    std::string bytes;

    friend std::ostream& operator<<(std::ostream& out, const garbage& value) { return out << value.name; }
};

inline std::string repeated(std::string_view pattern, std::size_t size)
{
    std::string bytes;
    while (bytes.size() < size)
        bytes += pattern;
    bytes.resize(size);
    return bytes;
}

constexpr auto record_size = raw_lock::size - raw_lock::record_at;

/// Each makes a record that is not ours.
inline std::vector<garbage> broken_records()
{
    return {
        {"magic_of_another_version", raw_lock::record_at, std::string("RLK2\0\0\0\0", 8)},
        {"word_of_no_phase", raw_lock::word_at, std::string("\0\0\0\0\0\0\0\xf0", 8)},
        {"free_word_with_a_token", raw_lock::word_at, std::string("\1\0\0\0\0\0\0\0", 8)},
        {"record_all_ones", raw_lock::record_at, repeated("\xff", record_size)},
        {"everything_all_ones", 0, repeated("\xff", raw_lock::size)},
    };
}

inline std::string name_of(const testing::TestParamInfo<garbage>& info) { return info.param.name; }

/// A call that has to end within `limit`, and some more on a machine with better things to do.
template <class Call>
auto within(std::chrono::nanoseconds limit, Call call)
{
    const auto start = std::chrono::steady_clock::now();
    const auto result = call();
    EXPECT_LT(std::chrono::steady_clock::now() - start, limit + slack);
    return result;
}

inline void expect_a_working_lock(const std::string& name)
{
    resourcelock::resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock({.timeout = std::chrono::seconds{1}, .lock_info = "afterwards"}));
    EXPECT_TRUE(lock.I_have_the_lock());
    EXPECT_EQ(lock.state().status, resourcelock::owner_status::alive);
    EXPECT_TRUE(lock.unget_lock());
    EXPECT_EQ(lock.lock_value(), 1);
    EXPECT_FALSE(lock.is_locked());
}

} // namespace test
