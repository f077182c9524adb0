#include "peers.hpp"
#include "test_names.hpp"

#include <algorithm>
#include <string>
#include <vector>

using test::peer;

namespace {

const std::string worldly = "Grüße aus Kyōto 京都 🚌 #3";

/// `size` bytes that begin with no time, as somebody's set_lock_info may write them.
std::string long_text(std::size_t size) { return std::string(size, 'x'); }

} // namespace

TEST(beside_python, python_reads_the_text_of_a_cpp_holder)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(cpp.ask("get 1 " + worldly), "True");

    const auto info = python.ask("info");

    EXPECT_EQ(test::length_of_time(info), 26U) << info;
    EXPECT_EQ(test::without_time(info), worldly);
}

TEST(beside_python, cpp_reads_the_text_of_a_python_holder)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(python.ask("get 1 " + worldly), "True");

    const auto info = cpp.ask("info");

    EXPECT_EQ(test::without_time(info), worldly);
    EXPECT_EQ(info, python.ask("info"));
}

TEST(beside_python, cpp_reads_a_time_without_microseconds)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(python.ask("get19 1 full second"), "True");

    const auto info = cpp.ask("info");

    EXPECT_EQ(test::length_of_time(info), 19U) << info;
    EXPECT_EQ(test::without_time(info), "full second");
}

TEST(beside_python, the_text_stays_as_history_after_the_release_of_either)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    EXPECT_EQ(python.ask("info"), "");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    ASSERT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(test::without_time(python.ask("info")), "cpp");
    ASSERT_EQ(python.ask("get 1 python"), "True");
    ASSERT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(test::without_time(cpp.ask("info")), "python");
}

TEST(beside_python, a_text_set_by_a_cpp_holder_is_read_by_python)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");

    EXPECT_EQ(cpp.ask("setinfo 40 % done"), "None");

    EXPECT_EQ(python.ask("info"), "40 % done");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

TEST(beside_python, a_text_that_python_sets_during_a_cpp_hold_does_not_stop_the_release)
{
    for (const std::string text : {"progress 3", "", "2025: no time", worldly.c_str()}) {
        const test::lock_name name;
        auto cpp = peer::cpp(name);
        auto python = peer::python(name);
        ASSERT_EQ(cpp.ask("get 1 cpp"), "True");

        EXPECT_EQ(python.ask("setinfo " + text), "None");

        EXPECT_EQ(cpp.ask("info"), text);
        EXPECT_EQ(cpp.ask("mine"), "True") << text;
        EXPECT_EQ(cpp.ask("unget"), "True") << text;
        EXPECT_EQ(cpp.ask("value"), "1") << text;
    }
}

TEST(beside_python, a_cpp_holder_that_dies_under_a_text_set_by_python_is_recovered)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(python.ask("setinfo progress 3"), "None");

    holder.kill();

    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
}

TEST(beside_python, a_cpp_holder_that_dies_under_its_own_new_text_is_recovered)
{
    for (const std::string text : {"progress 3", "", "2025-11-06 10:38:11.545309 - a time of its own"}) {
        const test::lock_name name;
        auto holder = peer::cpp(name);
        auto cpp = peer::cpp(name);
        ASSERT_EQ(holder.ask("get 1 holder"), "True");
        EXPECT_EQ(holder.ask("setinfo " + text), "None");

        holder.kill();

        EXPECT_EQ(cpp.ask("get 0 cpp"), "True") << text;
        EXPECT_EQ(cpp.ask("recovered"), "True") << text;
    }
}

// Python may write up to 4,095 bytes and a NUL. From the 3,841st byte on they run over the owner record,
// which is then nobody's: no C++ program is judged dead by it, and the next one that gets the lock makes it
// anew.
namespace {

const std::vector<std::size_t> overlong{3840, 3850, 4095}; // its first word, the owner word, all of it

/// All of the lock works again: exclusion both ways, and recovery.
void expect_a_working_lock(const test::lock_name& name, peer& python)
{
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(test::without_time(python.ask("info")), "holder");
    EXPECT_EQ(cpp.ask("status"), "alive");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
    holder.kill();
    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("value"), "1");
}

} // namespace

TEST(beside_python, a_text_of_3839_bytes_leaves_the_owner_record_alone)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");

    EXPECT_EQ(python.ask("setinfo " + long_text(3839)), "None");

    EXPECT_EQ(cpp.ask("info"), long_text(3839));
    EXPECT_EQ(cpp.ask("status"), "alive");
    holder.kill();
    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
}

TEST(beside_python, a_cpp_text_is_cut_so_that_it_never_reaches_the_owner_record)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);

    ASSERT_EQ(holder.ask("get 1 " + long_text(5000)), "True");

    EXPECT_EQ(python.ask("info").size(), 3839U);
    EXPECT_EQ(cpp.ask("status"), "alive");
    EXPECT_EQ(holder.ask("unget"), "True");
}

TEST(beside_python, a_python_holder_with_an_overlong_text_is_not_robbed_and_the_lock_works_afterwards)
{
    for (const auto size : overlong) {
        SCOPED_TRACE(size);
        const test::lock_name name;
        auto python = peer::python(name);
        auto cpp = peer::cpp(name);
        ASSERT_EQ(python.ask("get 1 " + long_text(size - 29)), "True"); // 29 bytes: the time and " - "

        EXPECT_EQ(cpp.ask("status"), "unknown");
        EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
        EXPECT_EQ(cpp.ask("info").size(), std::min<std::size_t>(size, 3840));

        EXPECT_EQ(python.ask("unget"), "True");
        expect_a_working_lock(name, python);
    }
}

TEST(beside_python, a_cpp_holder_keeps_the_lock_under_an_overlong_text_and_the_lock_works_afterwards)
{
    for (const auto size : overlong) {
        SCOPED_TRACE(size);
        const test::lock_name name;
        auto python = peer::python(name);
        auto holder = peer::cpp(name);
        auto cpp = peer::cpp(name);
        ASSERT_EQ(holder.ask("get 1 holder"), "True");

        ASSERT_EQ(python.ask("setinfo " + long_text(size)), "None");

        EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
        EXPECT_EQ(python.ask("get 0.1 python"), "False");
        EXPECT_EQ(holder.ask("unget"), "True");
        EXPECT_EQ(cpp.ask("value"), "1");
        expect_a_working_lock(name, python);
    }
}

TEST(beside_python, a_cpp_holder_that_dies_under_an_overlong_text_is_freed_by_a_forced_unget_only)
{
    for (const auto size : overlong) {
        SCOPED_TRACE(size);
        const test::lock_name name;
        auto python = peer::python(name);
        auto holder = peer::cpp(name);
        auto cpp = peer::cpp(name);
        ASSERT_EQ(holder.ask("get 1 holder"), "True");
        ASSERT_EQ(python.ask("setinfo " + long_text(size)), "None");

        holder.kill();

        EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False") << "nobody can know that it was not a Python program";
        EXPECT_EQ(cpp.ask("status"), "unknown");
        EXPECT_EQ(cpp.ask("force"), "True");
        expect_a_working_lock(name, python);
    }
}

TEST(beside_python, a_retaken_lock_with_an_overlong_text_is_not_released_by_the_old_holder)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(python.ask("force"), "True");
    EXPECT_EQ(python.ask("get 1 " + long_text(4000)), "True");

    EXPECT_EQ(holder.ask("unget"), "False");
    holder.finish();

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("value"), "0");
    EXPECT_EQ(python.ask("unget"), "True");
    expect_a_working_lock(name, python);
}

TEST(beside_python, a_cpp_program_that_got_the_lock_at_the_moment_of_an_overlong_text_is_recovered)
{
    for (const auto size : overlong) {
        SCOPED_TRACE(size);
        const test::lock_name name;
        auto python = peer::python(name);
        auto waiter = peer::cpp(name);
        auto cpp = peer::cpp(name);
        ASSERT_EQ(python.ask("get 1 python"), "True");
        waiter.wait_for_lock("20 waiter");

        ASSERT_EQ(python.ask("setinfo_unget " + long_text(size)), "True");

        EXPECT_EQ(waiter.answer(), "True");
        EXPECT_EQ(waiter.ask("mine"), "True");
        EXPECT_EQ(cpp.ask("status"), "alive");
        waiter.kill();
        EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
        EXPECT_EQ(cpp.ask("recovered"), "True");
        EXPECT_EQ(cpp.ask("unget"), "True");
        EXPECT_EQ(cpp.ask("value"), "1");
    }
}

TEST(beside_python, a_text_of_zeros_over_the_owner_record_leaves_the_lock_taken_until_a_forced_unget)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    ASSERT_EQ(python.ask("setinfo " + std::string(4095, '\0')), "None");

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    holder.finish();
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");

    EXPECT_EQ(cpp.ask("force"), "True");
    expect_a_working_lock(name, python);
}

TEST(beside_python, a_python_program_whose_text_was_too_long_to_write_has_the_lock_all_the_same)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 " + long_text(4096)), "ValueError: data out of range");

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");

    EXPECT_EQ(cpp.ask("status"), "unknown");
    EXPECT_EQ(cpp.ask("force"), "True");
    expect_a_working_lock(name, python);
}
