// Something else than we write stands in the two files in /dev/shm.
#include "errors.hpp"
#include "lock_files_test.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include <fcntl.h>
#include <semaphore.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::error_text;
using test::lock_name;

namespace {

void overwrite(const std::string& path, off_t at, const std::string& bytes)
{
    const int fd = open(path.c_str(), O_RDWR);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(pwrite(fd, bytes.data(), bytes.size(), at), std::ssize(bytes));
    close(fd);
}

constexpr off_t record_at = 3840;

TEST(lock_files, a_segment_without_a_nul_is_read_within_its_bounds)
{
    const lock_name name;
    resource_lock lock{name};
    overwrite(name.info_path(), 0, std::string(4096, 'x'));
    EXPECT_EQ(lock.get_lock_info(), std::string(3840, 'x'));
}

TEST(lock_files, a_semaphore_with_a_senseless_count_is_refused_by_name)
{
    const lock_name name;
    {
        const resource_lock lock{name};
    }
    overwrite(name.semaphore_path(), 0, std::string("\xff\xff\xff\x7f", 4));
    // The C library of a 32-bit machine keeps the count one bit higher in the word: ask it, do not assume.
    sem_t* const semaphore = sem_open(("/" + name.str()).c_str(), 0);
    ASSERT_NE(semaphore, SEM_FAILED);
    int count = 0;
    ASSERT_EQ(sem_getvalue(semaphore, &count), 0);
    sem_close(semaphore);
    ASSERT_GT(count, 1'000'000'000);
    const auto text = error_text([&] { const resource_lock lock{name}; });
    EXPECT_NE(text.find(name.semaphore_path() + " counts " + std::to_string(count) +
                        "; end the programs that use this lock and remove the file"),
              std::string::npos)
        << text;
}

TEST(lock_files, zeros_are_a_free_record)
{
    const lock_name name;
    resource_lock lock{name};
    overwrite(name.info_path(), 0, std::string(4096, '\0'));
    EXPECT_FALSE(lock.is_locked());
    EXPECT_TRUE(lock.get_lock({.timeout = 0s}));
}

TEST(lock_files, zeros_over_a_live_hold_leave_it_taken_until_a_forced_unget)
{
    const lock_name name;
    resource_lock lock{name};
    resource_lock other{name};
    ASSERT_TRUE(lock.get_lock());
    overwrite(name.info_path(), 0, std::string(4096, '\0'));
    EXPECT_FALSE(lock.unget_lock());
    EXPECT_FALSE(other.get_lock({.timeout = 20ms}));
    EXPECT_TRUE(other.unget_lock({.force = true}));
    EXPECT_TRUE(other.get_lock({.timeout = 0s}));
}

TEST(lock_files, an_unknown_record_is_never_stolen_from_and_made_anew_by_the_next_holder)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock());
    overwrite(name.info_path(), record_at, std::string(256, 'g'));
    EXPECT_TRUE(other.is_locked());
    EXPECT_EQ(other.state().status, owner_status::unknown);
    EXPECT_FALSE(other.get_lock({.timeout = 50ms}));
    EXPECT_TRUE(holder.unget_lock()) << "its text is still its own";
    ASSERT_TRUE(other.get_lock({.timeout = 0s}));
    EXPECT_EQ(other.state().status, owner_status::alive);
    EXPECT_TRUE(other.unget_lock());
    EXPECT_EQ(other.lock_value(), 1);
}

class garbage : public testing::TestWithParam<std::string> {};

TEST_P(garbage, in_the_whole_segment_neither_crashes_nor_hangs_nor_steals)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock());
    std::string bytes;
    while (bytes.size() < 4096)
        bytes += GetParam();
    bytes.resize(4096);
    overwrite(name.info_path(), 0, bytes);
    (void)other.get_lock_info();
    (void)other.state();
    EXPECT_TRUE(other.is_locked());
    EXPECT_FALSE(other.get_lock({.timeout = 30ms}));
    (void)holder.unget_lock();
    (void)other.unget_lock({.force = true});
    EXPECT_TRUE(other.get_lock({.timeout = 1s}));
    EXPECT_TRUE(other.unget_lock());
    EXPECT_EQ(other.lock_value(), 1);
}

INSTANTIATE_TEST_SUITE_P(table, garbage,
                         testing::Values(std::string(1, '\xff'), std::string(1, '\x01'), std::string(1, 'x'),
                                         std::string("RLK1\0\0\0\0\xff\xff\xff\xff", 12),
                                         "2025-11-06 10:38:11.545309 - x",
                                         std::string("\0\0\0\0\0\0\0\x20", 8)));

} // namespace
