#include "arena.hpp"

#include <resourcelock/resource_lock.hpp>

#include <cerrno>
#include <csignal>
#include <new>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

namespace {

constexpr std::size_t arena_size = 4096;
static_assert(sizeof(arena) <= arena_size);

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

std::uint64_t now()
{
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds{1});
}

/// Only the holder comes here, so plain reads and writes will do; a second one in here is what we look for.
void hold(arena& shared, std::uint64_t identity, std::chrono::nanoseconds length)
{
    shared.inside.store(identity);
    const auto start = now();
    if (const auto gap = start - shared.last_entry.load(); gap > shared.longest_gap.load())
        shared.longest_gap.store(gap);
    shared.last_entry.store(start);
    if (length >= std::chrono::milliseconds{1})
        std::this_thread::sleep_for(length);
    const auto end = start + static_cast<std::uint64_t>(length.count());
    bool alone = true;
    do
        alone = shared.inside.load() == identity;
    while (alone && now() < end);
    if (!alone)
        ++shared.violations;
}

void do_work(const std::string& lock_name, arena& shared, std::uint64_t identity, const work& how, int ready)
{
    std::minstd_rand random{static_cast<std::minstd_rand::result_type>(now() ^ identity)};
    std::uniform_int_distribution<std::int64_t> length{how.shortest_hold.count(), how.longest_hold.count()};
    resourcelock::resource_lock lock{lock_name};
    bool has_begun = false;
    arena::share unseen{};
    auto& share = identity >= 1 && identity <= shared.shares.size()
                      ? shared.shares.at(static_cast<std::size_t>(identity - 1))
                      : unseen;
    while (shared.stop.load() == 0) {
        ++share.gets;
        const auto asked = now();
        const bool got = lock.get_lock({.timeout = how.timeout, .lock_info = "worker"});
        if (const auto waited = now() - asked; waited > share.longest_wait)
            share.longest_wait = waited;
        if (!got) {
            ++shared.timeouts;
            continue;
        }
        ++share.entries;
        ++shared.entries;
        if (lock.recovered())
            ++shared.recovered;
        hold(shared, identity, std::chrono::nanoseconds{length(random)});
        ++shared.left;
        if (!lock.unget_lock())
            ++shared.lost;
        if (!std::exchange(has_begun, true) && write(ready, "!", 1) != 1)
            return;
    }
}

} // namespace

shared_arena::shared_arena() : fd_{memfd_create("arena", MFD_CLOEXEC)}
{
    if (fd_ < 0 || ftruncate(fd_, arena_size) != 0)
        fail("memfd_create");
    void* const memory = mmap(nullptr, arena_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (memory == MAP_FAILED)
        fail("mmap");
    arena_ = new (memory) arena{};
    arena_->last_entry = now();
}

shared_arena::~shared_arena()
{
    munmap(arena_, arena_size);
    close(fd_);
}

std::string shared_arena::path() const
{
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_);
}

worker::worker(const std::string& lock_name, arena& shared, std::uint64_t identity, const work& how)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail("pipe2");
    const auto parent = getpid();
    pid_ = fork();
    if (pid_ < 0)
        fail("fork");
    if (pid_ == 0) {
        close(ends[0]);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent) {
            try {
                do_work(lock_name, shared, identity, how, ends[1]);
            } catch (const std::exception&) {
                ++shared.errors;
            }
        }
        _exit(0);
    }
    close(ends[1]);
    ready_ = ends[0];
}

worker::worker(worker&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)}, ready_{std::exchange(other.ready_, -1)}
{}

worker::~worker()
{
    kill();
    if (ready_ >= 0)
        close(ready_);
}

bool worker::has_begun() const
{
    char byte = 0;
    return read(ready_, &byte, 1) == 1;
}

void worker::signal(int number) const { ::kill(pid_, number); }

void worker::kill()
{
    if (pid_ <= 0)
        return;
    signal(SIGKILL);
    join();
}

void worker::join()
{
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

} // namespace test
