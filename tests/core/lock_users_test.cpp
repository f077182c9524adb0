// Locks of several users: who may open them, and that they see each other.
#include "errors.hpp"
#include "lock_files_test.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <iomanip>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace resourcelock;
using namespace std::chrono_literals;
using test::error_text;
using test::in_child;
using test::lock_name;
using test::status_of;

namespace {

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
                  return text.find("it belongs to user root, group root, mode 0600") != std::string::npos ? 0
                                                                                                          : 1;
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
