// `resourcelock NAME doctor` of locks that are wrong whoever uses them: what it says, and that its commands
// mend them.
#include "doctor.hpp"
#include "lock_files.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace test;
using namespace test::doctor;

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
    if (says(result, "sees who uses it")) { // before files are removed; not in a container, even as root
        EXPECT_FALSE(sees_all_processes());
        return;
    }
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

} // namespace
