// What Python's forced unget does to us, and ours to a Python program. A lock that Python then takes itself:
// retaken_lock_test.cpp.
#include "arrangements.hpp"

namespace {

using namespace test;

TEST_F(beside_a_cpp_holder, a_forced_unget_of_a_living_cpp_holder_lets_no_cpp_program_in)
{
    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("locked"), "True");
    EXPECT_EQ(cpp.ask("status"), "alive");
}

TEST_F(beside_a_cpp_holder, a_holder_sees_that_python_released_it_by_force)
{
    ASSERT_EQ(holder.ask("mine"), "True");

    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(holder.ask("mine"), "False");
}

TEST_F(beside_a_cpp_holder, the_unget_of_a_holder_that_python_released_by_force_changes_nothing)
{
    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(holder.ask("unget"), "False");

    EXPECT_EQ(holder.ask("value"), "1");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(holder.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("mine"), "True");
}

TEST_F(beside_a_cpp_holder, our_forced_unget_ends_a_hold_that_python_released_by_force)
{
    EXPECT_EQ(python.ask("force"), "True");

    EXPECT_EQ(cpp.ask("force"), "True");

    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(holder.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("value"), "0");
}

TEST_F(beside_a_cpp_holder, a_dead_cpp_holder_that_python_released_by_force_bars_nobody)
{
    EXPECT_EQ(python.ask("force"), "True");
    holder.kill();

    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "False") << "there was no unit to inherit";
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST_F(beside_a_cpp_holder, the_surplus_of_two_forced_ungets_is_gone_after_the_next_cpp_hold)
{
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

TEST_F(beside_a_python_holder, our_forced_unget_ends_a_python_hold)
{
    EXPECT_EQ(cpp.ask("force"), "True");

    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(cpp.ask("force"), "False") << "nothing is left to release";
    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(python.ask("unget"), "False");
}

TEST_F(beside_a_python_holder, our_forced_unget_wakes_a_cpp_program_that_waits_for_a_python_holder)
{
    auto waiter = peer::cpp(name);
    waiter.wait_for_lock("20 waiter");

    EXPECT_EQ(cpp.ask("force"), "True");

    EXPECT_EQ(waiter.answer(), "True");
    EXPECT_EQ(waiter.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST_F(beside_a_python_holder, a_cpp_holder_notices_that_a_python_program_released_its_lock_by_mistake)
{
    EXPECT_EQ(cpp.ask("force"), "True");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");

    EXPECT_EQ(python.ask("unget"), "True"); // it still believes that the lock is its own

    EXPECT_EQ(cpp.ask("mine"), "False");
    EXPECT_EQ(cpp.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST_F(beside_python, a_detached_hold_that_python_released_by_force_is_free_for_cpp_programs)
{
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

TEST_F(beside_python, an_extraneous_unget_after_a_lost_hold_leaves_the_next_holder_alone)
{
    auto loser = peer::cpp(name);
    ASSERT_EQ(loser.ask("get 1 loser"), "True");
    EXPECT_EQ(python.ask("force"), "True");
    EXPECT_EQ(loser.ask("unget"), "False");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    ASSERT_EQ(python.ask("setinfo " + std::string(4000, 'x')), "None"); // runs over the owner record

    EXPECT_EQ(loser.ask("unget"), "False");

    EXPECT_EQ(cpp.ask("value"), "0");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

TEST_F(beside_a_python_holder, a_waiter_that_slept_while_the_record_was_made_anew_robs_no_cpp_holder)
{
    auto waiter = peer::cpp(name);
    auto holder = peer::cpp(name);
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

} // namespace
