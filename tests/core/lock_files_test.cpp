// The two files in /dev/shm: their size and mode, and what others may do to them. Other users:
// lock_users_test.cpp.
#include "lock_files_test.hpp"
#include "child.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::error_text;
using test::in_child;
using test::lock_name;
using test::status_of;

namespace {

void overwrite(const std::string& path, off_t at, const std::string& bytes)
{
    const int fd = open(path.c_str(), O_RDWR);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(pwrite(fd, bytes.data(), bytes.size(), at), std::ssize(bytes));
    close(fd);
}

constexpr off_t record_at = 3840;

} // namespace

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

TEST(lock_files, a_segment_without_a_nul_is_read_within_its_bounds)
{
    const lock_name name;
    resource_lock lock{name};
    overwrite(name.info_path(), 0, std::string(4096, 'x'));
    EXPECT_EQ(lock.get_lock_info(), std::string(3840, 'x'));
}

TEST(lock_files, removed_during_a_hold_are_noticed_by_a_check_and_the_unget)
{
    for (const bool semaphore : {false, true}) {
        const lock_name name;
        resource_lock lock{name};
        ASSERT_TRUE(lock.get_lock());
        std::error_code error;
        lock.check_hold(error);
        EXPECT_FALSE(error);
        unlink(semaphore ? name.semaphore_path().c_str() : name.info_path().c_str());
        std::this_thread::sleep_for(10ms); // the next tick of the kernel's clock
        for (int i = 0; i < 2; ++i) {
            lock.check_hold(error);
            EXPECT_EQ(error, lock_errc::lock_replaced) << "and for ever";
        }
        lock.unget_lock({}, error);
        EXPECT_EQ(error, lock_errc::lock_replaced);
    }
}

TEST(lock_files, removed_during_a_wait_end_the_wait)
{
    const lock_name name;
    resource_lock holder{name};
    resource_lock lock{name};
    ASSERT_TRUE(holder.get_lock());
    std::error_code error;
    std::jthread waiter{[&] { EXPECT_FALSE(lock.get_lock({.timeout = std::nullopt}, error)); }};
    std::this_thread::sleep_for(20ms);
    unlink(name.info_path().c_str());
    waiter.join();
    EXPECT_EQ(error, lock_errc::lock_replaced);
}

/// A wait inside the semaphore, because a Python program has the unit.
TEST(lock_files, removed_during_a_wait_for_python_end_the_wait)
{
    for (const bool semaphore : {false, true}) {
        const lock_name name;
        resource_lock lock{name};
        sem_t* const python = sem_open(("/" + name.str()).c_str(), 0);
        ASSERT_EQ(sem_trywait(python), 0);
        std::error_code error;
        std::jthread waiter{[&] { EXPECT_FALSE(lock.get_lock({.timeout = std::nullopt}, error)); }};
        std::this_thread::sleep_for(20ms);
        unlink((semaphore ? name.semaphore_path() : name.info_path()).c_str());
        waiter.join();
        EXPECT_EQ(error, lock_errc::lock_replaced);
        sem_close(python);
    }
}

TEST(lock_files, removed_while_the_lock_is_free_are_noticed_within_a_second)
{
    const lock_name name;
    resource_lock lock{name};
    ASSERT_TRUE(lock.get_lock());
    lock.unget_lock();
    unlink(name.info_path().c_str());
    const resource_lock renewed{name};
    std::error_code error;
    const auto end = std::chrono::steady_clock::now() + 2s;
    while (!error && std::chrono::steady_clock::now() < end) {
        if (lock.get_lock({.timeout = 0s}, error) && !error)
            lock.unget_lock({}, error);
    }
    EXPECT_EQ(error, lock_errc::lock_replaced);
}

TEST(lock_files, removed_and_made_anew_by_others_are_noticed_by_a_look)
{
    const lock_name name;
    resource_lock lock{name};
    EXPECT_FALSE(lock.is_locked());
    unlink(name.info_path().c_str());
    unlink(name.semaphore_path().c_str());
    resource_lock renewed{name};
    ASSERT_TRUE(renewed.get_lock());
    std::this_thread::sleep_for(20ms); // two ticks of the slowest kernel's clock
    EXPECT_NE(error_text([&] { static_cast<void>(lock.is_locked()); }).find("construct the lock anew"),
              std::string::npos);
    std::this_thread::sleep_for(20ms);
    EXPECT_NE(error_text([&] { static_cast<void>(lock.state()); }).find("construct the lock anew"),
              std::string::npos);
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

TEST(lock_files, a_missing_or_readonly_dev_shm_is_an_error_that_says_what_to_do)
{
    // In a mount namespace of its own, so that only the child sees it.
    const auto with_dev_shm_as = [](unsigned long flags, bool missing) {
        return in_child([&] {
            if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
                return 77;
            const bool mounted = missing ? mount("tmpfs", "/dev", "tmpfs", 0, nullptr) == 0
                                         : mount("tmpfs", "/dev/shm", "tmpfs", flags, nullptr) == 0;
            if (!mounted)
                return 77;
            const auto text = error_text([] { const resource_lock lock{"test-no-dev-shm"}; });
            return text.find("the lock needs a writable /dev/shm") != std::string::npos ? 0 : 1;
        });
    };
    const int readonly = with_dev_shm_as(MS_RDONLY, false);
    if (readonly == 77)
        GTEST_SKIP() << "needs the right to mount (CAP_SYS_ADMIN)";
    EXPECT_EQ(readonly, 0);
    EXPECT_EQ(with_dev_shm_as(0, true), 0);
}

TEST(lock_files, a_full_dev_shm_is_an_error_and_no_crash_later)
{
    const int result = in_child([] {
        if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("tmpfs", "/dev/shm", "tmpfs", 0, "size=4096") != 0)
            return 77;
        const auto text = error_text([] { const resource_lock lock{"test-full"}; });
        return text.find("/dev/shm is full") != std::string::npos ? 0 : 1;
    });
    if (result == 77)
        GTEST_SKIP() << "needs the right to mount (CAP_SYS_ADMIN)";
    EXPECT_EQ(result, 0);
}

TEST(lock_files, limits_of_descriptors_and_file_sizes_are_errors_that_say_so)
{
    const lock_name name;
    const auto limited = [&](__rlimit_resource_t what, const std::string& expected) {
        return in_child([&] {
            const rlimit none{0, 0};
            setrlimit(what, &none);
            return error_text([&] { const resource_lock lock{name}; }).find(expected) != std::string::npos
                       ? 0
                       : 1;
        });
    };
    EXPECT_EQ(limited(RLIMIT_NOFILE, "ulimit -n"), 0);
    EXPECT_EQ(limited(RLIMIT_FSIZE, "ulimit -f"), 0);
}

TEST(lock_files, that_are_there_are_opened_whatever_the_limit_of_file_sizes)
{
    const lock_name name;
    const resource_lock keeps_the_files{name};
    EXPECT_EQ(in_child([&] {
                  const rlimit little{1024, 1024};
                  setrlimit(RLIMIT_FSIZE, &little);
                  resource_lock lock{name};
                  return lock.get_lock({.timeout = 0s}) && lock.unget_lock() ? 0 : 1;
              }),
              0);
}

TEST(lock_files, locked_as_a_whole_by_somebody_are_refused_with_a_sentence)
{
    const lock_name name;
    {
        const resource_lock makes_the_files{name};
    }
    const int fd = open(name.info_path().c_str(), O_RDWR | O_CLOEXEC);
    struct flock whole {};
    whole.l_type = F_RDLCK;
    whole.l_whence = SEEK_SET;
    ASSERT_EQ(fcntl(fd, F_OFD_SETLK, &whole), 0);
    EXPECT_NE(error_text([&] { const resource_lock lock{name}; }).find("lslocks"), std::string::npos);
    close(fd);
    const resource_lock opens_now{name};
}

TEST(lock_files, without_descriptors_to_probe_with_nobody_is_robbed)
{
    const lock_name name;
    resource_lock holder{name};
    ASSERT_TRUE(holder.get_lock());
    EXPECT_EQ(in_child([&] {
                  resource_lock lock{name};
                  const rlimit none{0, 0};
                  setrlimit(RLIMIT_NOFILE, &none);
                  return lock.get_lock({.timeout = 50ms}) ? 1 : 0;
              }),
              0);
    EXPECT_TRUE(holder.I_have_the_lock());
}
