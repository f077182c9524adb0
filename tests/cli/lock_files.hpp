#pragma once

#include "test_names.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include <fcntl.h>
#include <semaphore.h>
#include <unistd.h>

/// A lock's two files, for tests that spoil them.
namespace test {

/// Offsets in the segment, as docs/protocol.md and the layout have them.
constexpr off_t magic_at = 3840;
constexpr off_t word_at = 3848;

inline std::string content_of(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

template <class Value>
void write_at(const std::string& path, off_t offset, const Value& value)
{
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(pwrite(fd, &value, sizeof value, offset), static_cast<ssize_t>(sizeof value));
    close(fd);
}

inline void set_count(const lock_name& lock, unsigned count)
{
    sem_t semaphore{};
    sem_init(&semaphore, 1, count);
    write_at(lock.semaphore_path(), 0, semaphore);
}

/// What its owner is doing, by the numbers of `phase` in the owner word.
inline void set_phase(const lock_name& lock, std::uint64_t phase)
{
    std::uint64_t word = 0;
    std::memcpy(&word, content_of(lock.info_path()).data() + word_at, sizeof word);
    write_at(lock.info_path(), word_at, (word << 3U >> 3U) | phase << 61U);
}

} // namespace test
