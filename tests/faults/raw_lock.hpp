#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
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
    [[nodiscard]] sem_t* semaphore() const { return static_cast<sem_t*>(semaphore_); }

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
    void set_count(unsigned count) const { sem_init(semaphore(), 1, count); }

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

/// Notices when a lock's memory has changed since the last look.
class lock_memory {
public:
    explicit lock_memory(const std::string& lock_name) : raw_{lock_name} { changed(); }

    bool changed()
    {
        const bool segment = renew(last_segment_, raw_.segment(), raw_lock::size);
        return renew(last_semaphore_, raw_.semaphore(), sizeof(sem_t)) || segment;
    }

    /// Whether a C++ program is writing the text at this moment: it begins with a NUL, and more follows.
    [[nodiscard]] bool text_is_being_written() const
    {
        const auto* const text = static_cast<const char*>(raw_.segment());
        return text[0] == 0 && text[1] != 0;
    }

private:
    static bool renew(std::string& last, const void* memory, std::size_t size)
    {
        if (last.size() == size && std::memcmp(last.data(), memory, size) == 0)
            return false;
        last.assign(static_cast<const char*>(memory), size);
        return true;
    }

    raw_lock raw_;
    std::string last_segment_;
    std::string last_semaphore_;
};

/// A Python program as the lock sees it, without the time that one takes to start.
class imitated_python {
public:
    explicit imitated_python(const std::string& lock_name) : raw_{lock_name} {}

    /// The first half of a get.
    bool take_at_once() const { return sem_trywait(raw_.semaphore()) == 0; }
    bool take(std::chrono::milliseconds timeout) const
    {
        const auto end = std::chrono::steady_clock::now().time_since_epoch() + timeout;
        timespec until{};
        until.tv_sec = static_cast<std::time_t>(end / std::chrono::seconds{1});
        until.tv_nsec = static_cast<long>(end % std::chrono::seconds{1} / std::chrono::nanoseconds{1});
        return sem_clockwait(raw_.semaphore(), CLOCK_MONOTONIC, &until) == 0;
    }

    /// The second.
    void write_text() const
    {
        static int gets = 0;
        const auto text = "2025-11-06 10:38:11." + std::to_string(100'000 + ++gets) + " - Python";
        std::memcpy(raw_.segment(), text.c_str(), text.size() + 1);
    }

    bool get_at_once() const
    {
        if (!take_at_once())
            return false;
        write_text();
        return true;
    }

    /// Whether somebody waits in the semaphore: glibc counts them in its second word (64-bit programs).
    [[nodiscard]] bool is_waited_for() const
    {
        std::uint32_t waiters = 0;
        std::memcpy(&waiters, reinterpret_cast<const char*>(raw_.semaphore()) + sizeof waiters,
                    sizeof waiters);
        return waiters != 0;
    }

    [[nodiscard]] bool holds() const
    {
        int count = 0;
        sem_getvalue(raw_.semaphore(), &count);
        return count == 0;
    }

    bool unget() const { return holds() && sem_post(raw_.semaphore()) == 0; }

private:
    raw_lock raw_;
};

} // namespace test
