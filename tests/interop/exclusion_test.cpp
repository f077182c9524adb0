// Who is let in, and who waits, while all programs live.
#include "arrangements.hpp"

namespace {

using namespace test;

TEST_F(beside_a_cpp_holder, a_python_program_waits_and_gets_the_lock_afterwards)
{
    EXPECT_EQ(python.ask("get 0.1 python"), "False");

    python.wait_for_lock("20 python");
    EXPECT_EQ(holder.ask("unget"), "True");

    EXPECT_EQ(python.answer(), "True");
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");
}

TEST_F(beside_a_python_holder, a_cpp_program_waits_for_a_python_holder_and_gets_the_lock_afterwards)
{
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");

    cpp.wait_for_lock("20 cpp");
    EXPECT_EQ(python.ask("unget"), "True");

    EXPECT_EQ(cpp.answer(), "True");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
}

TEST_F(beside_a_python_holder, of_several_cpp_programs_behind_a_python_holder_each_gets_its_turn)
{
    auto first = peer::cpp(name);
    auto second = peer::cpp(name);
    first.wait_for_lock("20 first");
    second.wait_for_lock("20 second");

    EXPECT_EQ(python.ask("unget"), "True");

    EXPECT_EQ(first.answer(), "True");
    EXPECT_EQ(python.ask("value"), "0");
    EXPECT_EQ(first.ask("unget"), "True");
    EXPECT_EQ(second.answer(), "True");
    EXPECT_EQ(second.ask("unget"), "True");
    EXPECT_EQ(python.ask("value"), "1");
}

TEST_F(beside_python, both_see_the_same_count)
{
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "11");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "00");
    ASSERT_EQ(cpp.ask("unget"), "True");
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "00");
    ASSERT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "11");
}

TEST_F(beside_a_python_holder, an_unget_of_another_programs_hold_is_refused_by_both)
{
    EXPECT_EQ(cpp.ask("unget"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(python.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("mine"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

TEST_F(beside_a_python_holder, a_python_holder_is_locked_by_an_unknown_owner)
{
    EXPECT_EQ(cpp.ask("locked"), "True");
    EXPECT_EQ(cpp.ask("status"), "unknown");
}

TEST_F(beside_a_cpp_holder, a_stopped_cpp_holder_keeps_everybody_out)
{
    holder.stop();

    EXPECT_EQ(python.ask("get 0.2 python"), "False");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("status"), "alive");
    holder.resume();
    EXPECT_EQ(holder.ask("mine"), "True");
    EXPECT_EQ(holder.ask("unget"), "True");
    EXPECT_EQ(python.ask("get 1 python"), "True");
}

TEST_F(beside_a_python_holder, a_stopped_python_holder_keeps_cpp_programs_out)
{
    python.stop();

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("status"), "unknown");
    python.resume();
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST_F(beside_a_python_holder_without_text,
       a_python_holder_stopped_before_it_wrote_its_text_keeps_cpp_programs_out)
{
    python.stop();

    EXPECT_EQ(cpp.ask("get 0.6 cpp"), "False");
    python.resume();
    EXPECT_EQ(python.ask("write late"), "None");
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST_F(beside_python, a_detached_hold_keeps_python_out_and_outlives_its_program)
{
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    ASSERT_EQ(cpp.ask("detach"), "True");
    cpp.finish();

    EXPECT_EQ(python.ask("get 0.1 python"), "False");
    auto other = peer::cpp(name);
    EXPECT_EQ(other.ask("get 0.4 other"), "False");
    EXPECT_EQ(other.ask("status"), "detached");
    EXPECT_EQ(other.ask("force"), "True");
    EXPECT_EQ(python.ask("get 1 python"), "True");
}

} // namespace
