// The text that each reads of the other. Texts that run over the owner record: overlong_text_test.cpp.
#include "arrangements.hpp"

#include <string>

namespace {

using namespace test;

const std::string worldly = "Grüße aus Kyōto 京都 🚌 #3";

TEST_F(beside_python, python_reads_the_text_of_a_cpp_holder)
{
    ASSERT_EQ(cpp.ask("get 1 " + worldly), "True");

    const auto info = python.ask("info");

    EXPECT_EQ(length_of_time(info), 26U) << info;
    EXPECT_EQ(without_time(info), worldly);
}

TEST_F(beside_python, cpp_reads_the_text_of_a_python_holder)
{
    ASSERT_EQ(python.ask("get 1 " + worldly), "True");

    const auto info = cpp.ask("info");

    EXPECT_EQ(without_time(info), worldly);
    EXPECT_EQ(info, python.ask("info"));
}

TEST_F(beside_python, cpp_reads_a_time_without_microseconds)
{
    ASSERT_EQ(python.ask("get19 1 full second"), "True");

    const auto info = cpp.ask("info");

    EXPECT_EQ(length_of_time(info), 19U) << info;
    EXPECT_EQ(without_time(info), "full second");
}

TEST_F(beside_python, the_text_stays_as_history_after_the_release_of_either)
{
    EXPECT_EQ(python.ask("info"), "");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    ASSERT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(without_time(python.ask("info")), "cpp");
    ASSERT_EQ(python.ask("get 1 python"), "True");
    ASSERT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(without_time(cpp.ask("info")), "python");
}

TEST_F(beside_python, a_text_set_by_a_cpp_holder_is_read_by_python)
{
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");

    EXPECT_EQ(cpp.ask("setinfo 40 % done"), "None");

    EXPECT_EQ(python.ask("info"), "40 % done");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

class text_of_python : public beside_a_cpp_holder, public testing::WithParamInterface<std::string> {};

TEST_P(text_of_python, during_a_cpp_hold_does_not_stop_the_release)
{
    EXPECT_EQ(python.ask("setinfo " + GetParam()), "None");

    EXPECT_EQ(cpp.ask("info"), GetParam());
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");
    EXPECT_EQ(holder.ask("mine"), "True");
    EXPECT_EQ(holder.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

TEST_P(text_of_python, does_not_keep_a_cpp_holder_that_dies_from_being_recovered)
{
    EXPECT_EQ(python.ask("setinfo " + GetParam()), "None");

    holder.kill();

    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
}

// The third is what a late creator writes last.
INSTANTIATE_TEST_SUITE_P(table, text_of_python, testing::Values("progress 3", "2025: no time", "", worldly));

class text_of_the_holder : public beside_a_cpp_holder, public testing::WithParamInterface<std::string> {};

TEST_P(text_of_the_holder, does_not_keep_it_from_being_recovered_when_it_dies)
{
    EXPECT_EQ(holder.ask("setinfo " + GetParam()), "None");

    holder.kill();

    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
}

INSTANTIATE_TEST_SUITE_P(table, text_of_the_holder,
                         testing::Values("progress 3", "", "2025-11-06 10:38:11.545309 - a time of its own"));

} // namespace
