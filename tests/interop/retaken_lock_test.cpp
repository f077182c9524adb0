// Python releases a C++ holder by force and takes the lock itself. Whatever the C++ program does then, the
// lock is Python's.
#include "arrangements.hpp"

namespace {

using namespace test;

class retaken_lock : public beside_a_cpp_holder {
protected:
    retaken_lock()
    {
        EXPECT_EQ(python.ask("force"), "True");
        EXPECT_EQ(python.ask("get 1 python"), "True");
    }

    void expect_that_python_holds_it()
    {
        EXPECT_EQ(cpp.ask("get 0.6 cpp"), "False"); // longer than any grace period
        EXPECT_EQ(cpp.ask("value"), "0");
        EXPECT_EQ(python.ask("unget"), "True") << "its hold was released by somebody else";
        EXPECT_EQ(cpp.ask("value"), "1");
        EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
        EXPECT_EQ(cpp.ask("recovered"), "False");
    }
};

TEST_F(retaken_lock, is_not_inherited_when_the_old_holder_dies)
{
    holder.kill();
    expect_that_python_holds_it();
}

TEST_F(retaken_lock, is_not_released_by_the_old_holders_unget)
{
    EXPECT_EQ(holder.ask("mine"), "False");
    EXPECT_EQ(holder.ask("unget"), "False");
    expect_that_python_holds_it();
}

TEST_F(retaken_lock, keeps_the_text_that_tells_whose_it_is)
{
    EXPECT_NE(holder.ask("setinfo progress 2"), "None");
    EXPECT_NE(cpp.ask("setinfo progress 2"), "None");
    EXPECT_EQ(holder.ask("unget"), "False");
    expect_that_python_holds_it();
}

TEST_F(retaken_lock, is_not_released_by_the_old_holders_destructor)
{
    holder.finish();
    expect_that_python_holds_it();
}

TEST_F(retaken_lock, cannot_be_detached_by_the_old_holder)
{
    EXPECT_EQ(holder.ask("detach"), "False");
    holder.finish();
    expect_that_python_holds_it();
}

TEST_F(retaken_lock, is_told_by_a_time_without_microseconds_too)
{
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(python.ask("get19 1 python"), "True");
    holder.kill();
    expect_that_python_holds_it();
}

TEST_F(retaken_lock, is_not_inherited_when_a_cpp_waiter_dies_too)
{
    auto waiter = peer::cpp(name);
    holder.kill();
    waiter.wait_for_lock("20 waiter");
    waiter.kill();
    expect_that_python_holds_it();
}

} // namespace
