#include "garbage.hpp"

#include <chrono>
#include <functional>
#include <thread>

/// Who makes a broken record anew, and when: docs/protocol.md, "A record that is not ours".
namespace {

using namespace std::chrono_literals;
using resourcelock::owner_status;
using resourcelock::resource_lock;
using test::raw_lock;

class broken_record : public testing::TestWithParam<test::garbage> {
protected:
    void break_it() { raw_.write(GetParam().at, GetParam().bytes); }

    void expect_that_it_stays_broken_after(const std::function<void()>& what)
    {
        const auto before = raw_.record();
        what();
        EXPECT_EQ(raw_.record(), before);
    }

    test::lock_name name_{"garbage"};
    resource_lock holder_{name_};
    resource_lock other_{name_};
    raw_lock raw_{name_};
};

} // namespace

TEST_P(broken_record, is_left_alone_by_an_open)
{
    break_it();
    expect_that_it_stays_broken_after([&] { const resource_lock newcomer{name_}; });
}

TEST_P(broken_record, is_left_alone_by_looks)
{
    ASSERT_TRUE(holder_.get_lock());
    break_it();
    expect_that_it_stays_broken_after([&] {
        EXPECT_TRUE(other_.is_locked());
        EXPECT_EQ(other_.state().status, owner_status::unknown);
        EXPECT_EQ(other_.get_lock_info(), holder_.get_lock_info());
        EXPECT_FALSE(holder_.I_have_the_lock());
    });
}

TEST_P(broken_record, is_left_alone_by_set_lock_info)
{
    break_it();
    expect_that_it_stays_broken_after([&] { other_.set_lock_info("text"); });
}

TEST_P(broken_record, is_left_alone_by_a_get_that_times_out)
{
    ASSERT_TRUE(holder_.get_lock());
    break_it();
    expect_that_it_stays_broken_after([&] {
        EXPECT_FALSE(other_.get_lock({.timeout = 20ms}));
        EXPECT_FALSE(other_.get_lock({.timeout = 0s}));
    });
}

TEST_P(broken_record, is_left_alone_by_the_unget_of_its_holder_which_posts)
{
    ASSERT_TRUE(holder_.get_lock());
    break_it();
    expect_that_it_stays_broken_after([&] { EXPECT_TRUE(holder_.unget_lock()); });
    EXPECT_EQ(other_.lock_value(), 1);
}

TEST_P(broken_record, is_left_alone_by_a_second_unget_which_posts_nothing)
{
    ASSERT_TRUE(holder_.get_lock());
    break_it();
    ASSERT_TRUE(holder_.unget_lock());
    expect_that_it_stays_broken_after([&] { EXPECT_FALSE(holder_.unget_lock()); });
    EXPECT_EQ(other_.lock_value(), 1);
}

TEST_P(broken_record, is_left_alone_by_a_forced_unget_which_posts)
{
    ASSERT_TRUE(holder_.get_lock());
    break_it();
    expect_that_it_stays_broken_after([&] { EXPECT_TRUE(other_.unget_lock({.force = true})); });
    EXPECT_EQ(other_.lock_value(), 1);
}

TEST_P(broken_record, is_made_anew_by_whoever_gets_the_semaphore_next)
{
    ASSERT_TRUE(holder_.get_lock());
    break_it();
    ASSERT_TRUE(holder_.unget_lock());

    ASSERT_TRUE(other_.get_lock({.timeout = 0s}));

    EXPECT_EQ(raw_.record().substr(0, 4), "RLK1");
    EXPECT_EQ(holder_.state().status, owner_status::alive);
    EXPECT_FALSE(other_.recovered());
    EXPECT_TRUE(other_.unget_lock());
    test::expect_a_working_lock(name_);
}

TEST_P(broken_record, is_made_anew_by_a_waiter_once_the_holder_is_out)
{
    ASSERT_TRUE(holder_.get_lock());
    break_it();
    std::jthread waiter{[&] {
        EXPECT_TRUE(other_.get_lock({.timeout = 10s}));
        EXPECT_EQ(raw_.record().substr(0, 4), "RLK1");
        EXPECT_TRUE(other_.unget_lock());
    }};
    EXPECT_TRUE(holder_.unget_lock());
    waiter.join();
    test::expect_a_working_lock(name_);
}

INSTANTIATE_TEST_SUITE_P(table, broken_record, testing::ValuesIn(test::broken_records()), test::name_of);
