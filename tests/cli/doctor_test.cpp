// `resourcelock NAME doctor`: what it says of locks in every condition. Locks that are wrong:
// doctor_broken_test.cpp. Beside Python: doctor_python_test.cpp.
#include "doctor.hpp"
#include "lock_files.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace test;
using namespace test::doctor;

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

TEST(doctor, a_living_holder_is_told_by_its_word_though_the_magic_is_gone)
{
    const lock_name lock;
    const auto holder = holder_of(lock);
    write_at(lock.info_path(), magic_at, std::uint32_t{0});
    EXPECT_TRUE(says(examine(lock), "is held by " + holder_text(holder) + ", which is alive"));
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

} // namespace
