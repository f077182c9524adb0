// `resourcelock NAME doctor` beside Python programs.
#include "doctor.hpp"
#include "peers.hpp"

#include <gtest/gtest.h>

#include <string>

#include <semaphore.h>
#include <unistd.h>

namespace {

using namespace test;
using namespace test::doctor;

constexpr auto python_situation =
    R"(is held by a Python program, or by one that died holding it: "TIME - reader")";

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

} // namespace
