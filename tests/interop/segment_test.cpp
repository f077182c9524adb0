#include "peers.hpp"
#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <filesystem>
#include <future>
#include <string>

#include <fcntl.h>
#include <unistd.h>

using test::peer;

namespace {

/// Exclusion both ways, the text both ways, and recovery.
void expect_a_working_lock(const test::lock_name& name, peer& python)
{
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(test::without_time(cpp.ask("info")), "python");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    ASSERT_EQ(python.ask("unget"), "True");
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(test::without_time(python.ask("info")), "holder");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
    holder.kill();
    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(python.ask("value"), "1");
}

void make_empty_file(const std::string& path)
{
    const int fd = open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    close(fd);
}

} // namespace

TEST(beside_python, a_lock_that_python_created_works)
{
    const test::lock_name name;
    auto python = peer::python(name);
    expect_a_working_lock(name, python);
}

TEST(beside_python, a_lock_that_cpp_created_works)
{
    const test::lock_name name;
    const auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    expect_a_working_lock(name, python);
}

TEST(beside_python, a_segment_of_1024_bytes_grows_and_works)
{
    const test::lock_name name;
    auto python = peer::python(name, 1024);
    expect_a_working_lock(name, python);
    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 4096U);
}

TEST(beside_python, a_segment_of_1024_bytes_that_python_holds_is_not_robbed)
{
    const test::lock_name name;
    auto python = peer::python(name, 1024);
    ASSERT_EQ(python.ask("get 1 python"), "True");

    auto cpp = peer::cpp(name);

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(test::without_time(cpp.ask("info")), "python");
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST(beside_python, a_text_longer_than_python_mapped_raises_there_and_harms_nobody)
{
    const test::lock_name name;
    auto python = peer::python(name, 1024);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(cpp.ask("get 1 " + std::string(3000, 'x')), "True");

    EXPECT_EQ(python.ask("info"), "ValueError: read byte out of range");

    EXPECT_EQ(cpp.ask("mine"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

TEST(beside_python, a_segment_of_8192_bytes_keeps_its_size_and_works)
{
    const test::lock_name name;
    auto python = peer::python(name, 8192);
    expect_a_working_lock(name, python);
    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 8192U);
}

TEST(beside_python, a_python_text_of_8191_bytes_is_read_up_to_the_owner_record)
{
    const test::lock_name name;
    auto python = peer::python(name, 8192);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");

    ASSERT_EQ(python.ask("setinfo " + std::string(8191, 'x')), "None");

    EXPECT_EQ(cpp.ask("info"), std::string(3840, 'x'));
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    expect_a_working_lock(name, python);
}

TEST(beside_python, an_empty_segment_whose_creator_died_is_repaired_by_a_cpp_open)
{
    const test::lock_name name;
    make_empty_file(name.info_path());

    const auto cpp = peer::cpp(name);

    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 4096U);
    auto python = peer::python(name);
    expect_a_working_lock(name, python);
}

TEST(beside_python, a_segment_whose_creator_has_not_given_it_its_size_yet_is_waited_for)
{
    const test::lock_name name;
    make_empty_file(name.info_path());
    auto opening =
        std::async(std::launch::async, [&] { return resourcelock::resource_lock{name}.is_locked(); });

    ASSERT_EQ(truncate(name.info_path().c_str(), 8192), 0);

    EXPECT_FALSE(opening.get());
    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 8192U);
}

TEST(beside_python, the_empty_text_of_a_late_python_creator_does_not_end_a_cpp_hold)
{
    const test::lock_name name;
    auto holder = peer::cpp(name);
    auto python = peer::python(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(holder.ask("get 1 holder"), "True");

    ASSERT_EQ(python.ask("setinfo "), "None"); // what a creator writes last

    EXPECT_EQ(cpp.ask("get 0.1 cpp"), "False");
    EXPECT_EQ(holder.ask("mine"), "True");
    EXPECT_EQ(holder.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}
