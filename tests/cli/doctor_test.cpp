// `resourcelock NAME doctor`: what it says of locks in every condition, and that the commands it gives mend
// them.
#include "lock_files.hpp"
#include "peers.hpp"
#include "program.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

using test::child;
using test::content_of;
using test::holder_of;
using test::lock_name;
using test::magic_at;
using test::outcome;
using test::peer;
using test::sees_all_processes;
using test::set_count;
using test::word_at;
using test::write_at;

namespace {

outcome run(const std::string& lock, const std::string& verb)
{
    return test::run({RESOURCELOCK, lock, verb});
}

/// What the doctor says, but for the line that depends on what this user may see of other processes.
outcome examine(const std::string& lock)
{
    auto result = run(lock, "doctor");
    static const std::regex time{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?)"};
    static const std::regex line{"  the list of processes may be incomplete[^\n]*\n"};
    result.output = std::regex_replace(std::regex_replace(result.output, time, "TIME"), line, "");
    return result;
}

std::string name_of(const lock_name& lock) { return "<" + lock.str() + "> "; }

std::string in_order(const lock_name& lock, const std::string& situation, const std::string& open_in)
{
    return name_of(lock) + situation + "\n  open in: " + open_in + "\n  nothing is wrong\n";
}

testing::AssertionResult says(const outcome& result, const std::string& text)
{
    if (result.output.find(text) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no \"" << text << "\" in " << result;
}

/// Types the commands that the doctor gave, as a person would, until it gives no more.
testing::AssertionResult can_be_mended(const std::string& lock)
{
    const auto folder = std::filesystem::path{RESOURCELOCK}.parent_path().string();
    outcome result;
    for (int attempts = 0; attempts < 5; ++attempts) {
        result = run(lock, "doctor");
        if (result.exit_code == 0)
            return testing::AssertionSuccess();
        std::smatch found;
        if (!std::regex_search(result.output, found, std::regex{"to mend it: (when [^:]*: )?([^\n]*)\n"}))
            break;
        test::run({"bash", "-c", "PATH=" + folder + ":$PATH; " + found.str(2)});
    }
    return testing::AssertionFailure() << "not mended: " << result;
}

std::string holder_text(const child& program)
{
    return "resourcelock (pid " + std::to_string(program.pid()) + ", user " + std::to_string(geteuid()) +
           ") since TIME";
}

/// The process as the doctor lists it.
std::string entry(pid_t pid)
{
    std::ifstream comm{"/proc/" + std::to_string(pid) + "/comm"};
    std::string program;
    std::getline(comm, program);
    return std::to_string(pid) + " " + program;
}

constexpr auto python_situation =
    R"(is held by a Python program, or by one that died holding it: "TIME - reader")";

} // namespace

TEST(doctor, a_lock_that_does_not_exist_is_in_order_and_is_not_made)
{
    const lock_name lock;
    EXPECT_EQ(examine(lock), (outcome{name_of(lock) + "does not exist; the first program that opens it makes "
                                                      "it\n  nothing is wrong\n",
                                      0}));
    EXPECT_FALSE(std::filesystem::exists(lock.info_path()));
    EXPECT_FALSE(std::filesystem::exists(lock.semaphore_path()));
}

TEST(doctor, a_free_lock_is_in_order)
{
    const lock_name lock;
    run(lock, "state");
    EXPECT_EQ(examine(lock), (outcome{in_order(lock, "is free", "no process"), 0}));
    run(lock, "get");
    run(lock, "unget");
    EXPECT_EQ(examine(lock),
              (outcome{in_order(lock, R"(is free; last held: "TIME - cli")", "no process"), 0}));
}

TEST(doctor, a_living_holder_is_told)
{
    const lock_name lock;
    const auto holder = holder_of(lock);
    EXPECT_EQ(
        examine(lock),
        (outcome{in_order(lock, "is held by " + holder_text(holder) + R"(, which is alive: "TIME - cli")",
                          entry(holder.pid())),
                 0}));
}

TEST(doctor, a_stopped_holder_is_alive)
{
    const lock_name lock;
    const auto holder = holder_of(lock);
    holder.signal(SIGSTOP);
    EXPECT_TRUE(says(examine(lock), "which is alive"));
}

TEST(doctor, a_detached_get_is_in_order_and_told_how_to_end)
{
    const lock_name lock;
    run(lock, "get");
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_TRUE(says(result, "is held on purpose, by a get of resourcelock (pid "));
    EXPECT_TRUE(says(result, ") since TIME, which has ended: \"TIME - cli\"\n  open in: no process\n"
                             "  to end it: resourcelock " +
                                 lock.str() + " unget\n  nothing is wrong\n"));
}

TEST(doctor, a_dead_holder_is_told_with_the_command_that_frees_the_lock)
{
    const lock_name lock;
    auto holder = holder_of(lock);
    holder.kill();
    EXPECT_EQ(examine(lock), (outcome{name_of(lock) + "is held by " + holder_text(holder) +
                                          ", which has died: \"TIME - cli\"\n  open in: no process\n"
                                          "  wrong: its holder died\n"
                                          "    to mend it: resourcelock " +
                                          lock.str() + " reap\n",
                                      1}));
    EXPECT_TRUE(can_be_mended(lock));
}

/// One that died in the middle of taking or releasing, by the numbers of `phase` in the owner word.
TEST(doctor, a_lock_whose_owner_died_between_two_steps_is_freed_by_one_command)
{
    for (const auto phase : {std::uint64_t{2}, std::uint64_t{4}}) {
        const lock_name lock;
        auto holder = holder_of(lock);
        holder.kill();
        test::set_phase(lock, phase);
        EXPECT_TRUE(says(examine(lock), "to mend it: resourcelock " + lock.str() + " reap\n"));
        test::run({RESOURCELOCK, lock, "reap"});
        EXPECT_EQ(examine(lock).exit_code, 0);
    }
}

TEST(doctor, a_stopped_waiter_that_bars_the_others_is_told)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock);
    auto waiter = peer::cpp(lock);
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    waiter.wait_for_lock("100 waiter");
    waiter.stop();
    ASSERT_EQ(python.ask("unget"), "True");
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "to mend it: kill -CONT " + std::to_string(waiter.process().pid()) + "\n"));
    waiter.resume();
    EXPECT_EQ(waiter.answer(), "True");
    EXPECT_EQ(examine(lock).exit_code, 0);
}

TEST(doctor, something_else_under_the_name_is_not_to_be_removed)
{
    const lock_name lock;
    run(lock, "state");
    unlink(lock.info_path().c_str());
    mkdir(lock.info_path().c_str(), 0700);
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "is not a file"));
    EXPECT_TRUE(says(result, "to mend it: use another name for the lock\n"));
    EXPECT_FALSE(says(result, "rm "));
    rmdir(lock.info_path().c_str());
}

TEST(doctor, a_python_holder_is_told)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock);
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    const auto process = entry(python.process().pid());
    EXPECT_EQ(examine(lock),
              (outcome{name_of(lock) + python_situation + "\n  open in: " + process +
                           "\n  to free it, if none of " + process + " holds it: resourcelock " + lock.str() +
                           " unget\n  nothing is wrong\n",
                       0}));
}

TEST(doctor, a_waiter_of_ours_does_not_pass_for_the_python_holder)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock);
    auto waiter = peer::cpp(lock);
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    waiter.wait_for_lock("100 waiter");
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 0) << result;
    EXPECT_TRUE(says(result, python_situation));
    EXPECT_TRUE(says(result, entry(waiter.process().pid())));
    EXPECT_TRUE(says(result, "if none of " + entry(python.process().pid()) + " holds it: "));
}

TEST(doctor, a_lock_that_a_dead_python_program_holds_is_stuck)
{
    NEEDS_PYTHON;
    if (!sees_all_processes())
        GTEST_SKIP() << "only root outside of containers sees that no process has it open";
    const lock_name lock;
    auto python = peer::python(lock);
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    python.kill();
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, R"(is held by nobody on view: "TIME - reader")"));
    EXPECT_TRUE(says(result, "to mend it: resourcelock " + lock.str() + " unget\n"));
    EXPECT_TRUE(can_be_mended(lock));
}

TEST(doctor, a_dead_holder_whose_lock_a_python_program_took_is_not_blamed)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto holder = holder_of(lock);
    auto python = peer::python(lock);
    ASSERT_EQ(python.ask("force"), "True");
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    EXPECT_TRUE(says(examine(lock), "wrong: somebody released it by force while its holder works"));
    holder.kill();
    EXPECT_TRUE(says(examine(lock), python_situation));
    EXPECT_EQ(examine(lock).exit_code, 0);
}

TEST(doctor, a_living_holder_whose_lock_was_released_is_wrong)
{
    const lock_name lock;
    auto holder = holder_of(lock);
    set_count(lock, 1);
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "wrong: somebody released it by force while its holder works"));
    EXPECT_TRUE(
        says(result, "to mend it: wait until " + entry(holder.pid()) + " has released it, or end that"));
    holder.kill();
    EXPECT_EQ(examine(lock).exit_code, 0);
}

TEST(doctor, programs_that_use_removed_files_are_to_be_restarted)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock);
    auto cpp = peer::cpp(lock);
    const auto both = entry(python.process().pid()) + ", " + entry(cpp.process().pid());
    unlink(lock.info_path().c_str());
    unlink(lock.semaphore_path().c_str());
    EXPECT_TRUE(says(examine(lock), "to mend it: restart " + both + "\n")); // nobody has made it anew yet
    run(lock, "state");
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "open in: no process\n  wrong: its files were removed while in use: " + both));
    EXPECT_TRUE(says(result, "to mend it: restart " + both + "\n"));
    python.finish();
    cpp.finish();
    EXPECT_EQ(examine(lock).exit_code, 0);
}

TEST(doctor, whoever_made_the_semaphore_is_found_when_only_that_was_removed)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock); // sem_open made the file under another name
    unlink(lock.semaphore_path().c_str());
    run(lock, "state");
    EXPECT_TRUE(says(examine(lock), "to mend it: restart " + entry(python.process().pid()) + "\n"));
}

TEST(doctor, waiters_that_died_in_the_semaphore_are_told)
{
    NEEDS_PYTHON;
    if (!sees_all_processes())
        GTEST_SKIP() << "only root outside of containers sees that nobody sleeps there";
    if (sizeof(void*) < 8)
        GTEST_SKIP() << "32-bit semaphores do not tell";
    const lock_name lock;
    run(lock, "get");
    auto python = peer::python(lock);
    python.wait_for_lock("100 waiter");
    EXPECT_EQ(examine(lock).exit_code, 0) << "it is alive";
    python.kill();
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "its semaphore counts 1 waiter that died"));
    EXPECT_TRUE(can_be_mended(lock));
}

TEST(doctor, a_running_waiter_of_ours_is_no_dead_one)
{
    NEEDS_PYTHON;
    const lock_name lock;
    auto python = peer::python(lock);
    ASSERT_EQ(python.ask("get 0 reader"), "True");
    auto waiter = peer::cpp(lock);
    waiter.wait_for_lock("100 waiter");
    for (int look = 0; look < 20; ++look)
        EXPECT_EQ(examine(lock).exit_code, 0);
}

/// Locks that are wrong whoever uses them: how they became so, and what is said.
struct broken_lock {
    std::string what;
    std::function<void(const lock_name&)> spoil;
    std::string said;
};

class broken_locks : public testing::TestWithParam<broken_lock> {};

TEST_P(broken_locks, are_told_and_can_be_mended)
{
    const lock_name lock;
    run(lock, "state");
    GetParam().spoil(lock);
    const auto result = examine(lock);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(says(result, "  wrong: ")) << result;
    EXPECT_TRUE(says(result, GetParam().said));
    EXPECT_TRUE(can_be_mended(lock));
}

INSTANTIATE_TEST_SUITE_P(
    doctor, broken_locks,
    testing::Values(
        broken_lock{"count_above_one", [](const auto& lock) { set_count(lock, 3); },
                    "its semaphore counts 3"},
        broken_lock{"absurd_count", [](const auto& lock) { set_count(lock, 2'000'000); },
                    "its semaphore counts 2000000"},
        broken_lock{"segment_for_more_users", [](const auto& lock) { chmod(lock.info_path().c_str(), 0660); },
                    "mode 0600, but /dev/shm/test-"},
        broken_lock{"semaphore_for_more_users",
                    [](const auto& lock) { chmod(lock.semaphore_path().c_str(), 0666); },
                    "mode 0666, but /dev/shm/test-"},
        broken_lock{"small_semaphore",
                    [](const auto& lock) { std::filesystem::resize_file(lock.semaphore_path(), 8); },
                    "has 8 bytes and this program's semaphores have"},
        broken_lock{"no_semaphore", [](const auto& lock) { unlink(lock.semaphore_path().c_str()); },
                    "exists, /dev/shm/sem.test-"},
        broken_lock{"no_segment", [](const auto& lock) { unlink(lock.info_path().c_str()); },
                    "exists, /dev/shm/test-"},
        broken_lock{"unreadable",
                    [](const auto& lock) {
                        chmod(lock.info_path().c_str(), 0400);
                        chmod(lock.semaphore_path().c_str(), 0400);
                    },
                    "not even its user can use it"},
        broken_lock{"foreign_record",
                    [](const auto& lock) { write_at(lock.info_path(), magic_at, std::uint32_t{0x41414141}); },
                    "it begins with 0x41414141"},
        broken_lock{"taken_with_foreign_record",
                    [](const auto& lock) {
                        set_count(lock, 0);
                        write_at(lock.info_path(), magic_at, std::uint32_t{0x41414141});
                    },
                    "is held, but its record is not ours"},
        broken_lock{"half_made_record",
                    [](const auto& lock) {
                        set_count(lock, 0);
                        write_at(lock.info_path(), magic_at, std::uint32_t{1});
                    },
                    "somebody died while making it anew"},
        broken_lock{"impossible_word",
                    [](const auto& lock) { write_at(lock.info_path(), word_at, std::uint64_t{42}); },
                    "its word is 0x000000000000002a"}),
    [](const auto& made) { return made.param.what; });

TEST(doctor, changes_no_byte_of_the_files)
{
    const lock_name lock;
    const auto files = [&lock] {
        return std::array{content_of(lock.info_path()), content_of(lock.semaphore_path())};
    };
    const auto looks_only = [&](const std::string& when) {
        const auto before = files();
        examine(lock);
        EXPECT_EQ(files(), before) << when;
    };
    run(lock, "state");
    looks_only("free");
    auto holder = holder_of(lock);
    looks_only("held");
    holder.kill();
    looks_only("dead");
    set_count(lock, 5);
    looks_only("counted too high");
    write_at(lock.info_path(), magic_at, std::uint32_t{0x41414141});
    looks_only("foreign");
    std::filesystem::resize_file(lock.info_path(), 100);
    looks_only("short");
    EXPECT_EQ(std::filesystem::file_size(lock.info_path()), 100);
}

TEST(doctor, control_characters_are_shown_not_obeyed)
{
    const lock_name lock;
    test::run({RESOURCELOCK, lock, "get", "-m", "a\nb\x1b[31m"});
    EXPECT_TRUE(says(examine(lock), R"(TIME - a\x0ab\x1b[31m")"));
}

TEST(doctor, commands_can_be_typed_whatever_the_name)
{
    const lock_name lock{"it's & that"};
    auto holder = holder_of(lock);
    holder.kill();
    EXPECT_EQ(examine(lock).exit_code, 1);
    EXPECT_TRUE(can_be_mended(lock));
}
