#include "peers.hpp"
#include "test_names.hpp"

using test::peer;

/// What Python's forced unget does to us, and ours to a Python program.

TEST(beside_python, a_forced_unget_of_a_living_cpp_holder_lets_no_cpp_program_in)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");

    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("locked"), "True");
    EXPECT_EQ(cpp.ask("status"), "alive");
}

TEST(beside_python, a_holder_sees_that_python_released_it_by_force)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    ASSERT_EQ(holder.ask("mine"), "True");

    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(holder.ask("mine"), "False");
}

TEST(beside_python, the_unget_of_a_holder_that_python_released_by_force_changes_nothing)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(holder.ask("unget"), "False");

    EXPECT_EQ(holder.ask("value"), "1");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(holder.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("mine"), "True");
}

TEST(beside_python, our_forced_unget_ends_a_hold_that_python_released_by_force)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(cpp.ask("force"), "True");

    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(holder.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("value"), "0");
}

TEST(beside_python, a_dead_cpp_holder_that_python_released_by_force_bars_nobody)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(python.ask("force"), "True");
    holder.kill();

    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "False") << "there was no unit to inherit";
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST(beside_python, the_surplus_of_two_forced_ungets_is_gone_after_the_next_cpp_hold)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(python.ask("force"), "True");
    EXPECT_EQ(python.ask("post"), "0");
    ASSERT_EQ(cpp.ask("value"), "2");
    EXPECT_EQ(holder.ask("unget"), "False");

    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");

    EXPECT_EQ(cpp.ask("value"), "0");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

// Python force-releases a C++ holder and takes the lock itself. Whatever the C++ program does then, the lock
// is Python's.
namespace {

struct retaken_lock {
    test::lock_name name;
    peer holder = peer::cpp(name);
    peer cpp = peer::cpp(name);
    peer python = peer::python(name);

    explicit retaken_lock(const std::string& python_get = "get 1 python")
    {
        EXPECT_EQ(holder.ask("get 1 holder"), "True");
        EXPECT_EQ(python.ask("force"), "True");
        EXPECT_EQ(python.ask(python_get), "True");
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

} // namespace

TEST(beside_python, a_retaken_lock_is_not_inherited_when_the_old_holder_dies)
{
    retaken_lock lock;
    lock.holder.kill();
    lock.expect_that_python_holds_it();
}

TEST(beside_python, a_retaken_lock_is_not_released_by_the_old_holders_unget)
{
    retaken_lock lock;
    EXPECT_EQ(lock.holder.ask("mine"), "False");
    EXPECT_EQ(lock.holder.ask("unget"), "False");
    lock.expect_that_python_holds_it();
}

TEST(beside_python, a_retaken_lock_keeps_the_text_that_tells_whose_it_is)
{
    retaken_lock lock;
    EXPECT_NE(lock.holder.ask("setinfo progress 2"), "None");
    EXPECT_NE(lock.cpp.ask("setinfo progress 2"), "None");
    EXPECT_EQ(lock.holder.ask("unget"), "False");
    lock.expect_that_python_holds_it();
}

TEST(beside_python, a_retaken_lock_is_not_released_by_the_old_holders_destructor)
{
    retaken_lock lock;
    lock.holder.finish();
    lock.expect_that_python_holds_it();
}

TEST(beside_python, a_retaken_lock_cannot_be_detached_by_the_old_holder)
{
    retaken_lock lock;
    EXPECT_EQ(lock.holder.ask("detach"), "False");
    lock.holder.finish();
    lock.expect_that_python_holds_it();
}

TEST(beside_python, a_retaken_lock_is_told_by_a_time_without_microseconds_too)
{
    retaken_lock lock{"get19 1 python"};
    lock.holder.kill();
    lock.expect_that_python_holds_it();
}

TEST(beside_python, a_retaken_lock_is_not_inherited_when_a_cpp_waiter_dies_too)
{
    retaken_lock lock;
    auto waiter = peer::cpp(lock.name);
    lock.holder.kill();
    waiter.wait_for_lock("20 waiter");
    waiter.kill();
    lock.expect_that_python_holds_it();
}

TEST(beside_python, our_forced_unget_ends_a_python_hold)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");

    EXPECT_EQ(cpp.ask("force"), "True");

    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(cpp.ask("force"), "False") << "nothing is left to release";
    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(python.ask("unget"), "False");
}

TEST(beside_python, our_forced_unget_wakes_a_cpp_program_that_waits_for_a_python_holder)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto waiter = peer::cpp(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    waiter.wait_for_lock("20 waiter");

    EXPECT_EQ(cpp.ask("force"), "True");

    EXPECT_EQ(waiter.answer(), "True");
    EXPECT_EQ(waiter.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST(beside_python, a_cpp_holder_notices_that_a_python_program_released_its_lock_by_mistake)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(cpp.ask("force"), "True");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");

    EXPECT_EQ(python.ask("unget"), "True"); // it still believes that the lock is its own

    EXPECT_EQ(cpp.ask("mine"), "False");
    EXPECT_EQ(cpp.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST(beside_python, a_detached_hold_that_python_released_by_force_is_free_for_cpp_programs)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    ASSERT_EQ(cpp.ask("detach"), "True");
    cpp.finish();

    EXPECT_EQ(python.ask("force"), "True");

    auto other = peer::cpp(name);
    EXPECT_EQ(other.ask("locked"), "False");
    EXPECT_EQ(other.ask("get 1 other"), "True");
    EXPECT_EQ(other.ask("unget"), "True");
    EXPECT_EQ(other.ask("value"), "1");
}

TEST(beside_python, an_extraneous_unget_after_a_lost_hold_leaves_the_next_holder_alone)
{
    const test::lock_name name;
    auto loser = peer::cpp(name);
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(loser.ask("get 1 loser"), "True");
    EXPECT_EQ(python.ask("force"), "True");
    EXPECT_EQ(loser.ask("unget"), "False");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    ASSERT_EQ(python.ask("setinfo " + std::string(4000, 'x')), "None"); // runs over the owner record

    EXPECT_EQ(loser.ask("unget"), "False");

    EXPECT_EQ(cpp.ask("value"), "0");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

TEST(beside_python, a_waiter_that_slept_while_the_record_was_made_anew_robs_no_cpp_holder)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto waiter = peer::cpp(name);
    auto holder = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    waiter.wait_for_lock("20 waiter");
    waiter.stop();
    ASSERT_EQ(python.ask("setinfo_unget " + std::string(4000, 'x')), "True"); // runs over the owner record
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(python.ask("force"), "True");

    waiter.resume();

    EXPECT_EQ(waiter.process().line(std::chrono::milliseconds{400}), std::nullopt) << "two C++ holders";
    EXPECT_EQ(holder.ask("unget"), "False");
    EXPECT_EQ(waiter.answer(), "True");
    EXPECT_EQ(waiter.ask("unget"), "True");
    EXPECT_EQ(waiter.ask("value"), "1");
}
