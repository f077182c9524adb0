// What TAB makes of a command line: an interactive bash with Debian's bash-completion completes, as it does
// for people.
#include "program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <string>

using test::child;
using test::lock_name;
using test::run_program;
using test::words;

namespace {

constexpr auto bash_completion = "/usr/share/bash-completion/bash_completion";

/// A bash on a terminal, in which `resourcelock` prints its arguments.
class typing {
public:
    typing() : start_file_{"/tmp/" + lock_name{"bashrc"}.str()}
    {
        std::ofstream{start_file_} << ". " << bash_completion << "\n. " COMPLETION "\n"
                                   << R"(PS1='$ '
resourcelock() { printf 'typed'; printf '<%s>' "$@"; echo; }
bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; bind '"\e1": insert-completions'
stty cols 2000
echo ready
)";
        bash_.emplace(
            child::of({"script", "-qec", "bash --noprofile --rcfile " + start_file_ + " -i", "/dev/null"}));
        while (bash_->line().value_or("ready\r") != "ready\r") {
        }
    }
    ~typing() { std::filesystem::remove(start_file_); }

    /// The arguments after all completions of the last word were inserted: "<state><stats>".
    std::string completed(const std::string& line)
    {
        bash_->tell("resourcelock " + line +
                    "\x1b"
                    "1");
        const std::string before = "typed";
        for (;;) {
            const auto output = bash_->line();
            if (!output)
                return "no line";
            if (output->starts_with(before))
                return output->substr(before.size(), output->find('\r') - before.size());
        }
    }

private:
    std::string start_file_;
    std::optional<child> bash_;
};

class completion : public testing::Test {
protected:
    void SetUp() override
    {
        if (!std::filesystem::exists(bash_completion))
            GTEST_SKIP() << "needs bash-completion";
        bash_.emplace();
    }
    std::string completed(const std::string& line) { return bash_->completed(line); }

private:
    std::optional<typing> bash_;
};

} // namespace

TEST_F(completion, names_of_locks)
{
    const lock_name first{"complete-a"};
    const lock_name second{"complete-b"};
    const lock_name other{"other"};
    for (const auto* const lock : {&first, &second, &other})
        run_program({*lock, "state"});
    std::ofstream{"/dev/shm/" + first.str() + ".touched"} << "no lock";
    EXPECT_EQ(completed("test-complete-"), "<" + first.str() + "><" + second.str() + ">");
    EXPECT_EQ(completed("-v /" + first.str().substr(0, 15)), "<-v></" + first.str() + ">");
    EXPECT_EQ(completed("-m test-complete-"), "<-m><test-complete->") << "a text is not a lock";
    EXPECT_EQ(completed("--message=x test-complete-"),
              "<--message=x><" + first.str() + "><" + second.str() + ">");
    std::filesystem::remove("/dev/shm/" + first.str() + ".touched");
}

TEST_F(completion, names_that_a_shell_reads_otherwise)
{
    const lock_name space{"complete a'b"};
    const lock_name colon{"complete:c"};
    run_program({space, "state"});
    run_program({colon, "state"});
    EXPECT_EQ(completed("test-complete\\ "), "<test-complete >") << "what is quoted is left alone";
    EXPECT_EQ(completed("test-complete:"), "<" + colon.str() + ">");
    EXPECT_EQ(completed(colon.str() + " stat"), "<" + colon.str() + "><state><stats>");
    EXPECT_EQ(completed(colon.str() + " run -- typeset-nothing --bo"),
              "<" + colon.str() + "><run><--><typeset-nothing><--bo>");
}

TEST_F(completion, commands_and_the_list)
{
    EXPECT_EQ(completed("no-such-lock "),
              "<no-such-lock><doctor><get><reap><remove><run><state><stats><timeline><trace><unget>");
    EXPECT_EQ(completed("no-such-lock -m text re"), "<no-such-lock><-m><text><reap><remove>");
    EXPECT_EQ(completed("lis"), "<list>");
}

TEST_F(completion, options_of_each_command)
{
    EXPECT_EQ(completed("x get --"),
              "<x><get><--auto-unget><--get-timeout><--help><--message><--verbose><--version>");
    EXPECT_EQ(completed("x unget --if"), "<x><unget><--if-dead>");
    EXPECT_EQ(completed("x trace --ch"), "<x><trace><--changes>");
    EXPECT_EQ(completed("x run --c"), "<x><run><--command><--conflict-exit-code>");
    EXPECT_EQ(completed("x run --j"), "<x><run><--j>");
    EXPECT_EQ(completed("x timeline --"),
              "<x><timeline><--from><--help><--message><--output><--to><--verbose><--version>");
    EXPECT_EQ(completed("list --no"), "<list><--noheadings>");
}

TEST_F(completion, columns_of_the_list)
{
    EXPECT_EQ(completed("list -o "),
              "<list><-o><COMMAND><HELD><INFO><MODE><NAME><OWNER><PID><SINCE><STATE><WAITERS>");
    EXPECT_EQ(completed("list -o NAME,P"), "<list><-o><NAME,PID>");
    EXPECT_EQ(completed("list --output=NAME,P"), "<list><--output=NAME,PID>");
    const auto heading = run_program({"list"}).output;
    for (const std::string column :
         {"COMMAND", "HELD", "INFO", "MODE", "NAME", "OWNER", "PID", "SINCE", "STATE", "WAITERS"})
        EXPECT_NE(heading.substr(0, heading.find('\n')).find(column), std::string::npos) << column;
}

TEST_F(completion, logs_of_a_timeline_are_files)
{
    const lock_name log{"log"};
    std::ofstream{log.info_path()} << "no log";
    const auto half = log.info_path().substr(0, log.info_path().size() - 1);
    EXPECT_EQ(completed("x timeline " + half), "<x><timeline><" + log.info_path() + ">");
    EXPECT_EQ(completed("x timeline a --from 1 -o " + half),
              "<x><timeline><a><--from><1><-o><" + log.info_path() + ">");
}

TEST_F(completion, behind_run_is_another_programs)
{
    EXPECT_EQ(completed("x run -- printen"), "<x><run><--><printenv>");
    EXPECT_EQ(completed("x run -w 5 printen"), "<x><run><-w><5><printenv>");
    EXPECT_EQ(completed("x run --timeout=5 -- resourcelock y unget --if"),
              "<x><run><--timeout=5><--><resourcelock><y><unget><--if-dead>");
    EXPECT_EQ(completed("x run -w 5 -- resourcelock y unget --if"),
              "<x><run><-w><5><--><resourcelock><y><unget><--if-dead>");
    EXPECT_EQ(completed("x run resourcelock y unget --if"), "<x><run><resourcelock><y><unget><--if-dead>");
}
