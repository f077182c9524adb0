#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

/// What a program needs that libFuzzer runs instead of GoogleTest.
namespace test {

/// Ends the fuzzing, which shows the input, unless it is so.
inline void require(bool condition, const char* what)
{
    if (condition)
        return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::abort();
}

/// A call that has to end within `limit`, and some more on a machine with better things to do.
template <class Call>
auto within(std::chrono::nanoseconds limit, const char* what, Call call)
{
    const auto start = std::chrono::steady_clock::now();
    const auto result = call();
    require(std::chrono::steady_clock::now() - start < limit + std::chrono::seconds{2}, what);
    return result;
}

/// Not the way the library finds out: by the number of the character.
inline bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        const std::size_t tails = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        if ((first >= 0x80 && first < 0xc0) || first > 0xf7 || text.size() <= tails)
            return false;
        std::uint32_t point = tails == 0 ? first : first & (0x3fU >> tails);
        for (const char byte : text.substr(1, tails)) {
            if ((static_cast<unsigned char>(byte) & 0xc0U) != 0x80)
                return false;
            point = point << 6U | (static_cast<unsigned char>(byte) & 0x3fU);
        }
        constexpr std::array<std::uint32_t, 4> smallest{0, 0x80, 0x800, 0x10000};
        if (point < smallest[tails] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return false;
        text.remove_prefix(tails + 1);
    }
    return true;
}

/// How many characters there are in UTF-8: each has one byte that is no tail.
inline std::size_t characters(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80;
    }));
}

/// A process that removes the lock's files when this one has ended, however it did.
inline void remove_at_the_end(const std::string& name)
{
    int ends[2];
    require(pipe2(ends, O_CLOEXEC) == 0, "a pipe");
    if (fork() != 0) {
        close(ends[0]); // the other end is closed by our end
        return;
    }
    close(ends[1]);
    char byte = 0;
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {
    }
    unlink(("/dev/shm/" + name).c_str());
    unlink(("/dev/shm/sem." + name).c_str());
    _exit(0);
}

} // namespace test
