// Python may write up to 4,095 bytes and a NUL. From the 3,841st byte on they run over the owner record,
// which is then nobody's: no C++ program is judged dead by it, and the next one that gets the lock makes it
// anew.
#include "arrangements.hpp"

#include <algorithm>
#include <string>

namespace {

using namespace test;

/// `size` bytes that begin with no time, as somebody's set_lock_info may write them.
std::string long_text(std::size_t size) { return std::string(size, 'x'); }

TEST_F(beside_a_cpp_holder, a_text_of_3839_bytes_leaves_the_owner_record_alone)
{
    EXPECT_EQ(python.ask("setinfo " + long_text(3839)), "None");

    EXPECT_EQ(cpp.ask("info"), long_text(3839));
    EXPECT_EQ(cpp.ask("status"), "alive");
    holder.kill();
    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
}

TEST_F(beside_python, a_cpp_text_is_cut_so_that_it_never_reaches_the_owner_record)
{
    auto holder = peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 " + long_text(5000)), "True");

    EXPECT_EQ(python.ask("info").size(), 3839U);
    EXPECT_EQ(cpp.ask("status"), "alive");
    EXPECT_EQ(holder.ask("unget"), "True");
}

class overlong_text : public beside_python, public testing::WithParamInterface<std::size_t> {};

// Over the first word of the record, over its owner, over all of it.
INSTANTIATE_TEST_SUITE_P(table, overlong_text, testing::Values(3840, 3850, 4095));

TEST_P(overlong_text, a_python_holder_is_not_robbed_and_the_lock_works_afterwards)
{
    ASSERT_EQ(python.ask("get 1 " + long_text(GetParam() - 29)), "True"); // 29 bytes: the time and " - "

    EXPECT_EQ(cpp.ask("status"), "unknown");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("info").size(), std::min<std::size_t>(GetParam(), 3840));

    EXPECT_EQ(python.ask("unget"), "True");
    expect_a_working_lock(name, python);
}

TEST_P(overlong_text, a_cpp_holder_keeps_the_lock_and_it_works_afterwards)
{
    auto holder = peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");

    ASSERT_EQ(python.ask("setinfo " + long_text(GetParam())), "None");

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
    EXPECT_EQ(holder.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
    expect_a_working_lock(name, python);
}

TEST_P(overlong_text, a_cpp_holder_that_dies_is_freed_by_a_forced_unget_only)
{
    auto holder = peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    ASSERT_EQ(python.ask("setinfo " + long_text(GetParam())), "None");

    holder.kill();

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False") << "nobody can know that it was not a Python program";
    EXPECT_EQ(cpp.ask("status"), "unknown");
    EXPECT_EQ(cpp.ask("force"), "True");
    expect_a_working_lock(name, python);
}

TEST_P(overlong_text, a_cpp_program_that_got_the_lock_at_that_moment_is_recovered)
{
    auto waiter = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    waiter.wait_for_lock("20 waiter");

    ASSERT_EQ(python.ask("setinfo_unget " + long_text(GetParam())), "True");

    EXPECT_EQ(waiter.answer(), "True");
    EXPECT_EQ(waiter.ask("mine"), "True");
    EXPECT_EQ(cpp.ask("status"), "alive");
    waiter.kill();
    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST_F(beside_a_cpp_holder, a_retaken_lock_with_an_overlong_text_is_not_released_by_the_old_holder)
{
    EXPECT_EQ(python.ask("force"), "True");
    EXPECT_EQ(python.ask("get 1 " + long_text(4000)), "True");

    EXPECT_EQ(holder.ask("unget"), "False");
    holder.finish();

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("value"), "0");
    EXPECT_EQ(python.ask("unget"), "True");
    expect_a_working_lock(name, python);
}

TEST_F(beside_a_cpp_holder, a_text_of_zeros_over_the_owner_record_leaves_the_lock_taken_until_a_forced_unget)
{
    ASSERT_EQ(python.ask("setinfo " + std::string(4095, '\0')), "None");

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    holder.finish();
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");

    EXPECT_EQ(cpp.ask("force"), "True");
    expect_a_working_lock(name, python);
}

TEST_F(beside_python, a_python_program_whose_text_was_too_long_to_write_has_the_lock_all_the_same)
{
    ASSERT_EQ(python.ask("get 1 " + long_text(4096)), "ValueError: data out of range");

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");

    EXPECT_EQ(cpp.ask("status"), "unknown");
    EXPECT_EQ(cpp.ask("force"), "True");
    expect_a_working_lock(name, python);
}

} // namespace
