// What keeps the two files in /dev/shm from being made, opened or probed.
#include "child.hpp"
#include "errors.hpp"
#include "lock_files_test.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::error_text;
using test::in_child;
using test::lock_name;

namespace {

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

} // namespace
