#include "peers.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using test::peer;

TEST(beside_python, a_python_program_waits_for_a_cpp_holder_and_gets_the_lock_afterwards)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");

    python.wait_for_lock("20 python");
    EXPECT_EQ(cpp.ask("unget"), "True");

    EXPECT_EQ(python.answer(), "True");
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");
}

TEST(beside_python, a_cpp_program_waits_for_a_python_holder_and_gets_the_lock_afterwards)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");

    cpp.wait_for_lock("20 cpp");
    EXPECT_EQ(python.ask("unget"), "True");

    EXPECT_EQ(cpp.answer(), "True");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
}

TEST(beside_python, of_several_cpp_programs_behind_a_python_holder_each_gets_its_turn)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto first = peer::cpp(name);
    auto second = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
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

TEST(beside_python, both_see_the_same_count)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "11");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "00");
    ASSERT_EQ(cpp.ask("unget"), "True");
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "00");
    ASSERT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(python.ask("value") + cpp.ask("value"), "11");
}

TEST(beside_python, an_unget_of_another_programs_hold_is_refused_by_both)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(cpp.ask("unget"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    ASSERT_EQ(cpp.ask("get 1 cpp"), "True");
    EXPECT_EQ(python.ask("unget"), "False");
    EXPECT_EQ(cpp.ask("mine"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

TEST(beside_python, a_python_holder_is_locked_by_an_unknown_owner)
{
    const test::lock_name name;
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(cpp.ask("locked"), "True");
    EXPECT_EQ(cpp.ask("status"), "unknown");
}

TEST(beside_python, a_stopped_cpp_holder_keeps_everybody_out)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");

    holder.stop();

    EXPECT_EQ(python.ask("get 0.2 python"), "False");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("status"), "alive");
    holder.resume();
    EXPECT_EQ(holder.ask("mine"), "True");
    EXPECT_EQ(holder.ask("unget"), "True");
    EXPECT_EQ(python.ask("get 1 python"), "True");
}

TEST(beside_python, a_stopped_python_holder_keeps_cpp_programs_out)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");

    python.stop();

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(cpp.ask("status"), "unknown");
    python.resume();
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST(beside_python, a_python_holder_stopped_before_it_wrote_its_text_keeps_cpp_programs_out)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(cpp.ask("get 1 history"), "True");
    ASSERT_EQ(cpp.ask("unget"), "True");
    ASSERT_EQ(python.ask("take 1"), "True");

    python.stop();

    EXPECT_EQ(cpp.ask("get 0.6 cpp"), "False");
    python.resume();
    EXPECT_EQ(python.ask("write late"), "None");
    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST(beside_python, a_detached_hold_keeps_python_out_and_outlives_its_program)
{
    const test::lock_name name;
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
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

TEST(beside_python, the_files_are_the_same_whoever_creates_them)
{
    const auto content = [](const std::string& path) {
        std::ifstream file{path, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    const auto mode = [](const std::string& path) { return std::filesystem::status(path).permissions(); };
    const test::lock_name of_python{"python"};
    const test::lock_name of_cpp{"cpp"};

    const auto python = peer::python(of_python);
    const resourcelock::resource_lock cpp{of_cpp};

    EXPECT_EQ(content(of_cpp.semaphore_path()), content(of_python.semaphore_path()));
    EXPECT_EQ(content(of_cpp.info_path()).size(), content(of_python.info_path()).size());
    EXPECT_EQ(mode(of_cpp.semaphore_path()), mode(of_python.semaphore_path()));
    EXPECT_EQ(mode(of_cpp.info_path()), mode(of_python.info_path()));
}
