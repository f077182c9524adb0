// Holders and waiters that are killed.
#include "arrangements.hpp"

#include <resourcelock/resource_lock.hpp>

namespace {

using namespace test;

TEST_F(beside_a_cpp_holder, a_killed_cpp_holder_is_freed_by_the_next_cpp_open)
{
    holder.kill();
    EXPECT_EQ(python.ask("get 0.1 python"), "False");

    const auto another = peer::cpp(name);

    EXPECT_EQ(python.ask("get 1 python"), "True");
}

TEST_F(beside_a_cpp_holder, a_killed_cpp_holder_is_inherited_from_by_the_next_cpp_get)
{
    holder.kill();

    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(python.ask("get 1 python"), "True");
}

TEST_F(beside_a_cpp_holder, a_python_program_blocked_behind_a_killed_cpp_holder_goes_on_after_a_cpp_open)
{
    python.wait_for_lock("20 python");
    holder.kill();

    const resourcelock::resource_lock opened{name};

    EXPECT_EQ(python.answer(), "True");
    EXPECT_EQ(python.ask("value"), "0");
}

TEST_F(beside_a_cpp_holder, a_cpp_program_blocked_behind_a_killed_cpp_holder_keeps_python_out)
{
    cpp.wait_for_lock("20 cpp");
    python.wait_for_lock("20 python");

    holder.kill();

    EXPECT_EQ(cpp.answer(), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(python.answer(), "True");
}

TEST_F(beside_a_python_holder, a_killed_python_holder_is_not_robbed)
{
    python.kill();

    EXPECT_EQ(cpp.ask("get 0.6 cpp"), "False");
    auto opened_later = peer::cpp(name);
    EXPECT_EQ(opened_later.ask("get 0.1 cpp"), "False");
    EXPECT_EQ(opened_later.ask("status"), "unknown");
    EXPECT_EQ(opened_later.ask("value"), "0");
}

TEST_F(beside_a_python_holder, a_killed_python_holder_is_freed_by_a_forced_unget)
{
    python.kill();

    EXPECT_EQ(cpp.ask("force"), "True");

    EXPECT_EQ(cpp.ask("value"), "1");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST_F(beside_a_python_holder_without_text, a_python_holder_killed_before_it_wrote_its_text_is_not_robbed)
{
    python.kill();

    EXPECT_EQ(cpp.ask("get 0.6 cpp"), "False");
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");
    EXPECT_EQ(cpp.ask("status"), "unknown");
}

TEST_F(beside_a_python_holder, a_cpp_waiter_killed_behind_a_python_holder_leaves_no_trace)
{
    auto waiter = peer::cpp(name);
    waiter.wait_for_lock("20 waiter");
    waiter.kill();

    EXPECT_EQ(cpp.ask("get 0.6 cpp"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "False");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST_F(beside_a_python_holder_without_text,
       a_cpp_waiter_killed_behind_a_python_program_that_has_not_written_its_text_robs_nobody)
{
    auto waiter = peer::cpp(name);
    waiter.wait_for_lock("20 waiter");
    waiter.kill();

    EXPECT_EQ(cpp.ask("get 0.6 cpp"), "False");
    EXPECT_EQ(python.ask("write late"), "None");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST_F(beside_a_python_holder, the_next_in_line_takes_the_place_of_a_cpp_waiter_killed_behind_a_python_holder)
{
    auto first = peer::cpp(name);
    auto second = peer::cpp(name);
    first.wait_for_lock("20 first");
    second.wait_for_lock("20 second");
    first.kill();

    EXPECT_EQ(python.ask("unget"), "True");

    EXPECT_EQ(second.answer(), "True");
    EXPECT_EQ(second.ask("unget"), "True");
    EXPECT_EQ(python.ask("value"), "1");
}

} // namespace
