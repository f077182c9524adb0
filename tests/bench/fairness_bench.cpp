// How fair locks are: processes that take one again and again for 2 s, each time for 1 ms. A line per kind
// and number of processes: KIND PROCESSES SHARE LONGEST_WAIT_MS ENTRIES, where SHARE is the fewest entries of
// a process as a part of the most.
#include <resourcelock/resource_lock.hpp>

#if __has_include(<boost/interprocess/sync/named_mutex.hpp>)
#include <boost/interprocess/sync/named_mutex.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>
#define HAVE_BOOST
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto hold = 1ms;
constexpr auto duration = 2s;
const std::string name = "fairness-bench-" + std::to_string(getpid());

/// What one process does with the lock: `between` runs while it holds it.
using user = std::function<void(const std::function<void()>& between)>;

user of_this_library()
{
    auto lock = std::make_shared<resourcelock::resource_lock>(name);
    return [lock](const std::function<void()>& between) {
        const std::scoped_lock guard{*lock};
        between();
    };
}

user of_a_semaphore()
{
    sem_t* const semaphore = sem_open(name.c_str(), O_CREAT, 0600, 1);
    return [semaphore](const std::function<void()>& between) {
        sem_wait(semaphore);
        between();
        sem_post(semaphore);
    };
}

user of_flock()
{
    const int fd = open(("/dev/shm/" + name).c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    return [fd](const std::function<void()>& between) {
        flock(fd, LOCK_EX);
        between();
        flock(fd, LOCK_UN);
    };
}

#ifdef HAVE_BOOST
user of_boost()
{
    namespace ipc = boost::interprocess;
    auto mutex = std::make_shared<ipc::named_mutex>(ipc::open_or_create, name.c_str());
    return [mutex](const std::function<void()>& between) {
        const ipc::scoped_lock<ipc::named_mutex> guard{*mutex};
        between();
    };
}
#endif

struct share {
    std::atomic<std::uint64_t> entries;
    std::atomic<std::int64_t> longest_wait; ///< nanoseconds
};

void use(const user& lock, share& mine, clock_type::time_point end)
{
    while (clock_type::now() < end) {
        const auto asked = clock_type::now();
        lock([&] {
            mine.longest_wait = std::max<std::int64_t>(mine.longest_wait, (clock_type::now() - asked) / 1ns);
            ++mine.entries;
            std::this_thread::sleep_for(hold);
        });
    }
}

void measure(const char* kind, user (*open_lock)(), int processes)
{
    const auto size = sizeof(share) * static_cast<std::size_t>(processes);
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto* const shares = static_cast<share*>(memory); // zeros are valid
    const auto start = clock_type::now() + 100ms;
    for (int i = 0; i < processes; ++i) {
        if (fork() == 0) {
            const auto lock = open_lock();
            std::this_thread::sleep_until(start);
            use(lock, shares[i], start + duration);
            _exit(0);
        }
    }
    while (wait(nullptr) > 0) {
    }
    const auto fewer = [](const share& a, const share& b) { return a.entries < b.entries; };
    const auto shorter = [](const share& a, const share& b) { return a.longest_wait < b.longest_wait; };
    const auto [fewest, most] = std::minmax_element(shares, shares + processes, fewer);
    std::uint64_t entries = 0;
    for (int i = 0; i < processes; ++i)
        entries += shares[i].entries;
    std::printf("%s %d %.3f %.1f %llu\n", kind, processes,
                static_cast<double>(fewest->entries) / static_cast<double>(most->entries),
                static_cast<double>(std::max_element(shares, shares + processes, shorter)->longest_wait) /
                    1e6,
                static_cast<unsigned long long>(entries));
    std::fflush(stdout);
    munmap(memory, size);
    for (const auto* const prefix : {"/dev/shm/", "/dev/shm/sem."})
        unlink((prefix + name).c_str());
}

} // namespace

int main()
{
    for (const int processes : {4, 8, 16}) {
        measure("resource_lock", of_this_library, processes);
        measure("raw_semaphore", of_a_semaphore, processes);
#ifdef HAVE_BOOST
        measure("boost_named_mutex", of_boost, processes);
#endif
        measure("flock_file", of_flock, processes);
    }
}
