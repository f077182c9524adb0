// The programs in the documentation of cjnfuncs.resourcelock print what it says, but for the times. They run
// on a lock of the test's own.
#include "outcome.hpp"
#include "test_names.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::string golden(const std::string& file)
{
    std::ifstream in{GOLDEN + file};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// A lock that calls itself "test_lock" in what programs print.
class golden_test : public testing::Test {
protected:
    std::string run(std::vector<std::string> command)
    {
        const auto [output, exit_code] = test::run(command);
        EXPECT_EQ(exit_code, 0) << output;
        return test::without_times(std::regex_replace(output, std::regex{lock_.str()}, "test_lock"));
    }

    void command_line(const std::string& command, const std::string& message = "cli")
    {
        run({RESOURCELOCK, lock_, command, "-m", message});
    }

    const test::lock_name lock_;
};

} // namespace

TEST_F(golden_test, demo_from_unlocked)
{
    command_line("get", "resourcelock_ex.module #1"); // who locked before, in that documentation
    command_line("unget");
    EXPECT_EQ(run({DEMO, lock_}), golden("demo_from_unlocked.txt"));
}

TEST_F(golden_test, demo_from_locked)
{
    command_line("get");
    EXPECT_EQ(run({DEMO, lock_}), golden("demo_from_locked.txt"));
}

TEST_F(golden_test, resourcelock_ex)
{
    EXPECT_EQ(run({EXAMPLE, lock_}), golden("resourcelock_ex_from_unlocked.txt"));
    command_line("get");
    EXPECT_EQ(run({EXAMPLE, lock_}), golden("resourcelock_ex_from_locked.txt"));
    command_line("unget");
    EXPECT_EQ(run({EXAMPLE, lock_}), golden("resourcelock_ex_from_unlocked.txt"));
}
