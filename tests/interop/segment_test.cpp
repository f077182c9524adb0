// Who creates the files, of what size, and who repairs them.
#include "arrangements.hpp"

#include <resourcelock/resource_lock.hpp>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace test;

void make_empty_file(const std::string& path)
{
    const int fd = open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    ASSERT_GE(fd, 0);
    close(fd);
}

TEST(files_shared_with_python, a_lock_that_python_created_works)
{
    const lock_name name;
    auto python = peer::python(name);
    expect_a_working_lock(name, python);
}

TEST(files_shared_with_python, a_lock_that_cpp_created_works)
{
    const lock_name name;
    const auto cpp = peer::cpp(name);
    auto python = peer::python(name);
    expect_a_working_lock(name, python);
}

TEST(files_shared_with_python, a_segment_of_1024_bytes_grows_and_works)
{
    const lock_name name;
    auto python = peer::python(name, 1024);
    expect_a_working_lock(name, python);
    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 4096U);
}

TEST(files_shared_with_python, a_segment_of_1024_bytes_that_python_holds_is_not_robbed)
{
    const lock_name name;
    auto python = peer::python(name, 1024);
    ASSERT_EQ(python.ask("get 1 python"), "True");

    auto cpp = peer::cpp(name);

    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(without_time(cpp.ask("info")), "python");
    EXPECT_EQ(python.ask("unget"), "True");
    EXPECT_EQ(cpp.ask("get 1 cpp"), "True");
}

TEST(files_shared_with_python, a_text_longer_than_python_mapped_raises_there_and_harms_nobody)
{
    const lock_name name;
    auto python = peer::python(name, 1024);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(cpp.ask("get 1 " + std::string(3000, 'x')), "True");

    EXPECT_EQ(python.ask("info"), "ValueError: read byte out of range");

    EXPECT_EQ(cpp.ask("mine"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
}

TEST(files_shared_with_python, a_segment_of_8192_bytes_keeps_its_size_and_works)
{
    const lock_name name;
    auto python = peer::python(name, 8192);
    expect_a_working_lock(name, python);
    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 8192U);
}

TEST(files_shared_with_python, a_python_text_of_8191_bytes_is_read_up_to_the_owner_record)
{
    const lock_name name;
    auto python = peer::python(name, 8192);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");

    ASSERT_EQ(python.ask("setinfo " + std::string(8191, 'x')), "None");

    EXPECT_EQ(cpp.ask("info"), std::string(3840, 'x'));
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    EXPECT_EQ(python.ask("unget"), "True");
    expect_a_working_lock(name, python);
}

TEST(files_shared_with_python, an_empty_segment_whose_creator_died_is_repaired_by_a_cpp_open)
{
    const lock_name name;
    make_empty_file(name.info_path());

    const auto cpp = peer::cpp(name);

    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 4096U);
    auto python = peer::python(name);
    expect_a_working_lock(name, python);
}

TEST(files_shared_with_python, a_segment_whose_creator_has_not_given_it_its_size_yet_is_waited_for)
{
    const lock_name name;
    make_empty_file(name.info_path());
    auto opening =
        std::async(std::launch::async, [&] { return resourcelock::resource_lock{name}.is_locked(); });

    ASSERT_EQ(truncate(name.info_path().c_str(), 8192), 0);

    EXPECT_FALSE(opening.get());
    EXPECT_EQ(std::filesystem::file_size(name.info_path()), 8192U);
}

TEST(files_shared_with_python, the_files_are_the_same_whoever_creates_them)
{
    const auto content = [](const std::string& path) {
        std::ifstream file{path, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    const auto mode = [](const std::string& path) { return std::filesystem::status(path).permissions(); };
    const lock_name of_python{"python"};
    const lock_name of_cpp{"cpp"};

    const auto python = peer::python(of_python);
    const resourcelock::resource_lock cpp{of_cpp};

    EXPECT_EQ(content(of_cpp.semaphore_path()), content(of_python.semaphore_path()));
    EXPECT_EQ(content(of_cpp.info_path()).size(), content(of_python.info_path()).size());
    EXPECT_EQ(mode(of_cpp.semaphore_path()), mode(of_python.semaphore_path()));
    EXPECT_EQ(mode(of_cpp.info_path()), mode(of_python.info_path()));
}

} // namespace
