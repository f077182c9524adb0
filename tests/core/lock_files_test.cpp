// The two files in /dev/shm: their names, sizes and modes. Other users: lock_users_test.cpp.
#include "lock_files_test.hpp"
#include "errors.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::error_text;
using test::in_child;
using test::lock_name;
using test::status_of;

namespace {

TEST(lock_files, have_pythons_names_sizes_and_mode_whatever_the_umask)
{
    const lock_name name;
    EXPECT_EQ(in_child([&] {
                  umask(0777);
                  const resource_lock lock{name};
                  return 0;
              }),
              0);
    EXPECT_EQ(status_of(name.info_path()).st_size, 4096);
    EXPECT_EQ(status_of(name.info_path()).st_mode & 07777U, 0600U);
    EXPECT_EQ(status_of(name.semaphore_path()).st_size, static_cast<off_t>(sizeof(sem_t)));
    EXPECT_EQ(status_of(name.semaphore_path()).st_mode & 07777U, 0600U);
}

TEST(lock_files, get_the_mode_group_and_size_that_are_asked_for)
{
    const lock_name name;
    const mode_t old_mask = umask(022);
    const resource_lock lock{name, {.mode = 0660, .group = getegid(), .shared_mem_size = 8192}};
    umask(old_mask);
    EXPECT_EQ(status_of(name.info_path()).st_mode & 07777U, 0660U);
    EXPECT_EQ(status_of(name.info_path()).st_size, 8192);
    EXPECT_EQ(status_of(name.info_path()).st_gid, getegid());
    EXPECT_EQ(status_of(name.semaphore_path()).st_mode & 07777U, 0660U);
}

TEST(lock_files, are_opened_as_sem_open_opens_them)
{
    const lock_name name;
    resource_lock lock{name};
    auto* const semaphore = sem_open(("/" + name.str()).c_str(), O_CREAT, 0600, 1);
    ASSERT_NE(semaphore, SEM_FAILED);
    ASSERT_TRUE(lock.get_lock());
    EXPECT_NE(sem_trywait(semaphore), 0);
    lock.unget_lock();
    EXPECT_EQ(sem_trywait(semaphore), 0);
    EXPECT_TRUE(lock.is_locked());
    EXPECT_EQ(lock.state().status, owner_status::unknown);
    sem_close(semaphore);
}

TEST(lock_files, no_descriptor_stays_open)
{
    const lock_name name;
    const int before = dup(0);
    close(before);
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    const int after = dup(0);
    close(after);
    EXPECT_EQ(after, before);
}

TEST(lock_files, a_live_holder_survives_close_range)
{
    const lock_name name;
    resource_lock other{name};
    EXPECT_EQ(in_child([&] {
                  resource_lock lock{name};
                  const bool held = lock.get_lock();
                  close_range(3, ~0U, 0);
                  resource_lock rival{name};
                  return held && !rival.get_lock({.timeout = 30ms}) && lock.unget_lock() ? 0 : 1;
              }),
              0);
}

TEST(lock_files, a_semaphore_of_another_word_size_is_refused_by_name)
{
    const lock_name name;
    std::ofstream{name.semaphore_path()} << std::string(sizeof(sem_t) == 32 ? 16 : 32, '\0');
    const auto text = error_text([&] { const resource_lock lock{name}; });
    EXPECT_NE(text.find(name.semaphore_path()), std::string::npos) << text;
    EXPECT_NE(text.find("all be 32-bit or all be 64-bit"), std::string::npos) << text;
}

TEST(lock_files, from_after_2038_are_opened)
{
    const lock_name name;
    const resource_lock maker{name};
    const std::array<timespec, 2> times{{{std::time_t{2'500'000'000}, 0}, {std::time_t{2'500'000'000}, 0}}};
    for (const auto& path : {name.info_path(), name.semaphore_path()})
        ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0) << path;
    resource_lock lock{name};
    EXPECT_TRUE(lock.get_lock());
    EXPECT_TRUE(lock.unget_lock());
}

class odd_segment_size : public testing::TestWithParam<off_t> {};

TEST_P(odd_segment_size, is_grown_to_4096_bytes_and_never_shrunk)
{
    const lock_name name;
    std::ofstream{name.info_path()} << "";
    ASSERT_EQ(truncate(name.info_path().c_str(), GetParam()), 0);
    resource_lock lock{name};
    EXPECT_EQ(status_of(name.info_path()).st_size, std::max<off_t>(GetParam(), 4096));
    EXPECT_TRUE(lock.get_lock());
    EXPECT_TRUE(lock.unget_lock());
}

INSTANTIATE_TEST_SUITE_P(table, odd_segment_size, testing::Values(0, 1, 1024, 4095, 8192));

} // namespace
