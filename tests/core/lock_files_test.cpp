// The two files in /dev/shm: their size, mode and owner, and what others may do to them.
#include "child.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::lock_name;

namespace {

struct stat status_of(const std::string& path)
{
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status;
}

std::string error_text(const auto& action)
{
    try {
        action();
    } catch (const std::system_error& error) {
        return error.what();
    }
    return "no error";
}

/// Runs `body` in a forked child, whose changes to itself end with it; returns its exit code.
int in_child(const auto& body)
{
    const pid_t pid = fork();
    if (pid == 0)
        _exit(body());
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void overwrite(const std::string& path, off_t at, const std::string& bytes)
{
    const int fd = open(path.c_str(), O_RDWR);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(pwrite(fd, bytes.data(), bytes.size(), at), std::ssize(bytes));
    close(fd);
}

constexpr off_t record_at = 3840;

// Numbers need no entries in the lists of users and groups.
constexpr gid_t shared_group = 54321;
constexpr uid_t some_user = 54322;

/// An ordinary user with a group of its own, and these.
bool become_a_user(const std::vector<gid_t>& groups)
{
    return setgroups(groups.size(), groups.data()) == 0 && setgid(some_user) == 0 && setuid(some_user) == 0;
}

/// 0 if it is, with these words; for in_child().
int is_refused(const std::string& lock_name, const std::string& why)
{
    return error_text([&] { const resource_lock lock{lock_name}; }).find(why) != std::string::npos ? 0 : 1;
}

std::string octal(mode_t value)
{
    std::ostringstream text;
    text << std::oct << std::setw(4) << std::setfill('0') << value;
    return text.str();
}

/// A process of a user in the group, which has the lock until it is killed; at the latest with the test.
class user_who_holds {
public:
    explicit user_who_holds(const std::string& lock_name)
    {
        int ends[2] = {-1, -1};
        EXPECT_EQ(pipe(ends), 0);
        pid_ = fork();
        if (pid_ == 0) {
            close(ends[0]);
            char answer = '-';
            std::optional<resource_lock> lock;
            if (become_a_user({shared_group})) {
                prctl(PR_SET_PDEATHSIG, SIGKILL); // which another user id would undo
                lock.emplace(lock_name, lock_options{.mode = 0660, .group = shared_group});
                answer = lock->get_lock() ? '+' : '-';
            }
            if (write(ends[1], &answer, 1) == 1)
                sleep(60);
            _exit(1);
        }
        close(ends[1]);
        char answer = '-';
        EXPECT_EQ(read(ends[0], &answer, 1), 1);
        EXPECT_EQ(answer, '+');
        close(ends[0]);
    }
    ~user_who_holds() { kill(); }
    user_who_holds(const user_who_holds&) = delete;
    user_who_holds& operator=(const user_who_holds&) = delete;

    void kill()
    {
        if (pid_ <= 0)
            return;
        ::kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

private:
    pid_t pid_ = -1;
};

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

TEST(lock_files, of_another_user_are_refused_with_owner_and_mode)
{
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    const lock_name name;
    const resource_lock lock{name};
    EXPECT_EQ(in_child([&] {
                  if (setuid(65534) != 0)
                      return 2;
                  const auto text = error_text([&] { const resource_lock denied{name}; });
                  return text.find("it belongs to user 0, group 0, mode 0600") != std::string::npos ? 0 : 1;
              }),
              0);
}

TEST(lock_files, with_mode_0666_are_shared_by_users)
{
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    const lock_name name;
    resource_lock lock{name, {.mode = 0666}};
    ASSERT_TRUE(lock.get_lock());
    EXPECT_EQ(in_child([&] {
                  if (setuid(65534) != 0)
                      return 2;
                  resource_lock other{name};
                  return !other.get_lock({.timeout = 0s}) && other.state().status == owner_status::alive ? 0
                                                                                                         : 1;
              }),
              0);
}

struct sharing {
    mode_t umask;
    mode_t mode;
};

const auto name_of_the_sharing = [](const testing::TestParamInfo<sharing>& table) {
    return "umask_" + octal(table.param.umask) + "_mode_" + octal(table.param.mode);
};

/// Files made by root for a group, whatever root's umask.
class files_of_a_group : public testing::TestWithParam<sharing> {
protected:
    void SetUp() override
    {
        if (geteuid() != 0)
            GTEST_SKIP() << "needs root, to become another user";
        const mode_t old_mask = umask(GetParam().umask);
        lock_.emplace(name_, lock_options{.mode = GetParam().mode, .group = shared_group});
        umask(old_mask);
    }

    lock_name name_{"group"};
    std::optional<resource_lock> lock_;
};

TEST_P(files_of_a_group, have_the_mode_and_group_that_were_asked_for)
{
    for (const auto& path : {name_.info_path(), name_.semaphore_path()}) {
        EXPECT_EQ(status_of(path).st_mode & 07777U, GetParam().mode) << path;
        EXPECT_EQ(status_of(path).st_gid, shared_group) << path;
        EXPECT_EQ(status_of(path).st_uid, 0U) << path;
    }
}

TEST_P(files_of_a_group, serve_its_members_if_the_mode_lets_them)
{
    EXPECT_EQ(in_child([&] {
                  if (!become_a_user({shared_group}))
                      return 2;
                  if (GetParam().mode == 0600)
                      return is_refused(name_, "group 54321, mode 0600, and this program runs as user 54322");
                  resource_lock lock{name_};
                  return lock.get_lock() && lock.unget_lock() && !lock.is_locked() ? 0 : 1;
              }),
              0);
    EXPECT_EQ(lock_->lock_value(), 1);
}

TEST_P(files_of_a_group, refuse_others_with_a_message_that_says_why)
{
    const auto why = GetParam().mode == 0600 ? "group 54321, mode 0600, and this program runs as user 54322"
                                             : "group 54321, mode 0660, and this program runs as user 54322";
    EXPECT_EQ(in_child([&] { return become_a_user({}) ? is_refused(name_, why) : 2; }), 0);
}

INSTANTIATE_TEST_SUITE_P(table, files_of_a_group,
                         testing::Values(sharing{0000, 0600}, sharing{0000, 0660}, sharing{0022, 0600},
                                         sharing{0022, 0660}, sharing{0077, 0600}, sharing{0077, 0660}),
                         name_of_the_sharing);

class users_of_a_group : public testing::Test {
protected:
    void SetUp() override
    {
        if (geteuid() != 0)
            GTEST_SKIP() << "needs root, to become another user";
    }

    static constexpr lock_options options{.mode = 0660, .group = shared_group};
    lock_name name_{"group"};
};

TEST_F(users_of_a_group, see_each_other_alive_and_recover_the_lock_of_a_dead_one_as_root)
{
    resource_lock lock{name_, options};
    user_who_holds user{name_};
    EXPECT_FALSE(lock.get_lock({.timeout = 50ms}));
    const auto state = lock.state();
    EXPECT_EQ(state.status, owner_status::alive);
    ASSERT_TRUE(state.owner);
    EXPECT_EQ(state.owner->uid, some_user);

    user.kill();
    EXPECT_TRUE(lock.get_lock({.timeout = 5s}));
    EXPECT_TRUE(lock.recovered());
}

TEST_F(users_of_a_group, recover_the_lock_of_a_root_that_died)
{
    EXPECT_EQ(in_child([&] {
                  resource_lock lock{name_, options};
                  return lock.get_lock() ? kill(getpid(), SIGKILL) : 1;
              }),
              128 + SIGKILL);
    EXPECT_EQ(in_child([&] {
                  if (!become_a_user({shared_group}))
                      return 2;
                  resource_lock lock{name_};
                  return lock.get_lock({.timeout = 5s}) && lock.recovered() && lock.unget_lock() ? 0 : 1;
              }),
              0);
    EXPECT_EQ(resource_lock{name_}.lock_value(), 1);
}

TEST_F(users_of_a_group, may_create_the_lock_for_root)
{
    user_who_holds user{name_};
    EXPECT_EQ(status_of(name_.info_path()).st_uid, some_user);
    EXPECT_EQ(status_of(name_.info_path()).st_gid, shared_group);
    resource_lock lock{name_};
    EXPECT_FALSE(lock.get_lock({.timeout = 50ms}));
    user.kill();
    EXPECT_TRUE(lock.get_lock({.timeout = 5s}));
    EXPECT_TRUE(lock.recovered());
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
