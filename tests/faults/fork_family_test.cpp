// fork, vfork, clone, exec, daemon and their like while a lock is held or waited for, one test for each way a
// process comes about: the hold stays the owner's while it lives, and ends with it though the child lives on.
// An exec of the owner itself is its death: lock_crash_test.cpp.
#include "child.hpp"
#include "fork_family.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <future>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using namespace resourcelock;
using namespace std::chrono_literals;
using test::child;
using test::way;

/// An owner with a child that lives. A failed test ends both: the owner by SIGKILL, the child by the end of
/// its input.
class family {
public:
    family(const std::string& lock_name, const way& how)
        : owner_{child::in_role(test::fork_family_owner, {lock_name, how.name})}
    {
        std::istringstream words{owner_.line().value_or("no child")};
        std::string word;
        words >> word >> child_pid_;
        std::getline(words >> std::ws, verdict_);
        child_ = static_cast<int>(syscall(SYS_pidfd_open, child_pid_, 0));
        EXPECT_GE(child_, 0) << "there is no child";
    }
    ~family() { close(child_); }
    family(const family&) = delete;
    family& operator=(const family&) = delete;

    [[nodiscard]] const std::string& verdict_of_the_child() const { return verdict_; }
    [[nodiscard]] bool child_lives() const { return !child_ends_within(0ms); }
    /// Lets the child end as a program ends that returns from main.
    [[nodiscard]] bool end_child()
    {
        owner_.tell("end");
        return child_ends_within(test::deadline);
    }
    [[nodiscard]] bool owner_holds() { return ask(SIGUSR1) == "holds"; }
    [[nodiscard]] bool owner_releases() { return ask(SIGUSR2) == "released"; }
    void kill_owner() { owner_.kill(); }

private:
    std::string ask(int question)
    {
        owner_.signal(question);
        return owner_.line().value_or("(no answer)");
    }
    [[nodiscard]] bool child_ends_within(std::chrono::milliseconds limit) const
    {
        pollfd end{child_, POLLIN, 0};
        return poll(&end, 1, static_cast<int>(limit.count())) == 1;
    }

    child owner_;
    pid_t child_pid_ = -1;
    int child_ = -1;
    std::string verdict_;
};

class fork_family : public testing::TestWithParam<way> {
protected:
    [[nodiscard]] bool is_taken()
    {
        return !rival_.get_lock({.timeout = 50ms}) && rival_.state().status == owner_status::alive;
    }

    test::lock_name name_{"fork"};
    family family_{name_, GetParam()};
    resource_lock rival_{name_};
};

class forked_child : public fork_family {};

std::vector<way> ways_that_inherit()
{
    std::vector<way> some;
    std::copy_if(test::ways().begin(), test::ways().end(), std::back_inserter(some),
                 [](const way& each) { return each.inherits_the_object; });
    return some;
}

const auto name_of_the_way = [](const testing::TestParamInfo<way>& info) { return info.param.name; };

TEST_P(fork_family, leaves_the_lock_with_its_owner)
{
    EXPECT_TRUE(family_.child_lives());
    EXPECT_TRUE(is_taken());
    EXPECT_TRUE(family_.owner_holds());

    EXPECT_TRUE(family_.end_child());
    EXPECT_TRUE(is_taken());
    EXPECT_TRUE(family_.owner_holds());

    EXPECT_TRUE(family_.owner_releases());
    EXPECT_TRUE(rival_.get_lock({.timeout = 0s}));
    EXPECT_FALSE(rival_.recovered());
}

TEST_P(fork_family, is_free_when_its_owner_releases_while_the_child_lives)
{
    EXPECT_TRUE(family_.owner_releases());
    EXPECT_TRUE(rival_.get_lock());
    EXPECT_FALSE(rival_.recovered());
    EXPECT_TRUE(family_.end_child());
    EXPECT_TRUE(rival_.I_have_the_lock());
}

TEST_P(fork_family, loses_the_lock_with_its_owner_though_the_child_lives)
{
    auto waiter = std::async(std::launch::async, [&] { return rival_.get_lock({.timeout = 5s}); });
    std::this_thread::sleep_for(20ms);

    family_.kill_owner();
    EXPECT_EQ(waiter.wait_for(1s), std::future_status::ready);
    EXPECT_TRUE(waiter.get());
    EXPECT_TRUE(family_.child_lives());
    EXPECT_TRUE(rival_.recovered());

    EXPECT_TRUE(rival_.unget_lock());
    EXPECT_TRUE(rival_.get_lock());
    EXPECT_FALSE(rival_.recovered()) << "told once";
}

TEST_P(forked_child, has_no_hold_and_no_use_of_the_object)
{
    EXPECT_EQ(family_.verdict_of_the_child(), "good");
}

INSTANTIATE_TEST_SUITE_P(after, fork_family, testing::ValuesIn(test::ways()), name_of_the_way);
INSTANTIATE_TEST_SUITE_P(after, forked_child, testing::ValuesIn(ways_that_inherit()), name_of_the_way);

} // namespace
