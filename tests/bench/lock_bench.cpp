// What an uncontended get and unget cost, beside what else Linux has; compare the lines of one run:
//   cmake --build --preset release --target lock_bench && build/release/tests/bench/lock_bench
#include <resourcelock/resource_lock.hpp>

#include <benchmark/benchmark.h>

#include <string>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/file.h>
#include <unistd.h>

namespace {

const std::string name = "bench-" + std::to_string(getpid());

void raw_semaphore(benchmark::State& state)
{
    auto* const semaphore = sem_open(name.c_str(), O_CREAT, 0600, 1);
    sem_unlink(name.c_str());
    for (auto _ : state) {
        sem_trywait(semaphore);
        sem_post(semaphore);
    }
    sem_close(semaphore);
}

void get_and_unget_with_info(benchmark::State& state)
{
    {
        resourcelock::resource_lock lock{name};
        const resourcelock::get_options options{.lock_info = "tempmon.measure_loop #3"};
        for (auto _ : state) {
            if (!lock.get_lock(options))
                state.SkipWithError("not free");
            lock.unget_lock();
        }
    }
    sem_unlink(name.c_str());
    unlink(("/dev/shm/" + name).c_str());
}

void file_lock(benchmark::State& state)
{
    const int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    for (auto _ : state) {
        flock(fd, LOCK_EX);
        flock(fd, LOCK_UN);
    }
    close(fd);
}

BENCHMARK(raw_semaphore);
BENCHMARK(get_and_unget_with_info);
BENCHMARK(file_lock);

} // namespace

BENCHMARK_MAIN();
