#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

namespace test {

/// The memory of a lock in the hands of somebody who keeps to no protocol.
class raw_lock {
public:
    static constexpr std::size_t size = 4096;
    static constexpr std::size_t record_at = 3840; ///< the magic
    static constexpr std::size_t word_at = 3848;   ///< the owner word

    /// The lock's files must be there.
    explicit raw_lock(const std::string& lock_name)
        : segment_{map("/dev/shm/" + lock_name, size)},
          semaphore_{map("/dev/shm/sem." + lock_name, sizeof(sem_t))}
    {}
    raw_lock(const raw_lock&) = delete;
    raw_lock& operator=(const raw_lock&) = delete;
    ~raw_lock()
    {
        munmap(segment_, size);
        munmap(semaphore_, sizeof(sem_t));
    }

    [[nodiscard]] void* segment() const { return segment_; }

    /// From `at` on, word by word and upwards, as a text that runs over the record would. Both multiples of
    /// eight.
    void write(std::size_t at, std::string_view bytes) const
    {
        for (; !bytes.empty(); at += word_size, bytes.remove_prefix(word_size)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data(), word_size);
            word_of(at).store(word);
        }
    }

    [[nodiscard]] std::string read(std::size_t at, std::size_t length) const
    {
        std::string bytes;
        for (const auto end = at + length; at < end; at += word_size) {
            const auto word = word_of(at).load();
            std::array<char, word_size> next{};
            std::memcpy(next.data(), &word, word_size);
            bytes.append(next.begin(), next.end());
        }
        return bytes;
    }

    [[nodiscard]] std::string record() const { return read(record_at, size - record_at); }

    /// Only while nobody waits in it.
    void set_count(unsigned count) const { sem_init(static_cast<sem_t*>(semaphore_), 1, count); }

private:
    static constexpr std::size_t word_size = sizeof(std::uint64_t);

    static void* map(const std::string& path, std::size_t length)
    {
        const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
        void* const memory =
            fd < 0 ? MAP_FAILED : mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        const int error = errno;
        if (fd >= 0)
            close(fd);
        if (memory == MAP_FAILED)
            throw std::system_error{error, std::generic_category(), path};
        return memory;
    }

    [[nodiscard]] std::atomic_ref<std::uint64_t> word_of(std::size_t at) const
    {
        return std::atomic_ref{static_cast<std::uint64_t*>(segment_)[at / word_size]};
    }

    void* segment_;
    void* semaphore_;
};

} // namespace test
