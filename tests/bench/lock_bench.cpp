// What the lock costs beside what else Linux has; compare the lines of one run. tests/bench/run writes
// docs/performance.md from it.
#include <resourcelock/resource_lock.hpp>

#include <benchmark/benchmark.h>

#if __has_include(<boost/interprocess/sync/named_mutex.hpp>)
#include <boost/interprocess/sync/named_mutex.hpp>
#define HAVE_BOOST
#endif

#include <csignal>
#include <list>
#include <string>

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using resourcelock::resource_lock;

const std::string name = "bench-" + std::to_string(getpid());

void remove_files()
{
    unlink(("/dev/shm/sem." + name).c_str());
    unlink(("/dev/shm/" + name).c_str());
}

// ---- what else there is, uncontended

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
BENCHMARK(raw_semaphore);

void robust_mutex(benchmark::State& state)
{
    void* const memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto* const mutex = static_cast<pthread_mutex_t*>(memory);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(mutex, &attributes);
    for (auto _ : state) {
        pthread_mutex_lock(mutex);
        pthread_mutex_unlock(mutex);
    }
    munmap(memory, 4096);
}
BENCHMARK(robust_mutex);

#ifdef HAVE_BOOST
void boost_named_mutex(benchmark::State& state)
{
    {
        boost::interprocess::named_mutex mutex{boost::interprocess::create_only, name.c_str()};
        for (auto _ : state) {
            mutex.lock();
            mutex.unlock();
        }
    }
    boost::interprocess::named_mutex::remove(name.c_str());
}
BENCHMARK(boost_named_mutex);
#endif

void flock_file(benchmark::State& state)
{
    const int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    for (auto _ : state) {
        flock(fd, LOCK_EX);
        flock(fd, LOCK_UN);
    }
    close(fd);
}
BENCHMARK(flock_file);

void ofd_lock(benchmark::State& state)
{
    const int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    struct flock whole {};
    whole.l_whence = SEEK_SET;
    for (auto _ : state) {
        whole.l_type = F_WRLCK;
        fcntl(fd, F_OFD_SETLK, &whole);
        whole.l_type = F_UNLCK;
        fcntl(fd, F_OFD_SETLK, &whole);
    }
    close(fd);
}
BENCHMARK(ofd_lock);

// ---- resource_lock

void get_and_unget(benchmark::State& state, std::size_t info_length, int open_objects)
{
    {
        std::list<resource_lock> others;
        for (int i = 1; i < open_objects; ++i)
            others.emplace_back(name);
        resource_lock lock{name};
        const std::string info(info_length, 'i');
        for (auto _ : state) {
            if (!lock.get_lock({.lock_info = info}))
                state.SkipWithError("not free");
            lock.unget_lock();
        }
    }
    remove_files();
}

void get_and_unget_by_info_length(benchmark::State& state)
{
    get_and_unget(state, static_cast<std::size_t>(state.range(0)), 1);
}
BENCHMARK(get_and_unget_by_info_length)->Arg(23)->Arg(0)->Arg(200)->Arg(3800);

void get_and_unget_by_open_objects(benchmark::State& state)
{
    get_and_unget(state, 23, static_cast<int>(state.range(0)));
}
BENCHMARK(get_and_unget_by_open_objects)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

/// So many other processes that want the lock all the time; each hold is empty.
void get_and_unget_by_contenders(benchmark::State& state)
{
    std::list<pid_t> others;
    for (int i = 0; i < state.range(0); ++i) {
        others.push_back(fork());
        if (others.back() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            resource_lock lock{name};
            for (;;)
                if (lock.get_lock())
                    lock.unget_lock();
        }
    }
    {
        resource_lock lock{name};
        for (auto _ : state) {
            if (!lock.get_lock({.timeout = std::chrono::seconds{10}}))
                state.SkipWithError("not had in 10 s");
            lock.unget_lock();
        }
    }
    for (const auto pid : others) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
    remove_files();
}
BENCHMARK(get_and_unget_by_contenders)->Arg(0)->Arg(1)->Arg(3)->Arg(7)->UseRealTime();

void open_and_close(benchmark::State& state)
{
    const resource_lock keeps_the_files{name};
    for (auto _ : state)
        resource_lock lock{name};
    remove_files();
}
BENCHMARK(open_and_close);

/// With a holder, whose life is asked for; by how many objects are open.
void state_of_a_held_lock(benchmark::State& state)
{
    {
        std::list<resource_lock> others;
        for (int i = 0; i < state.range(0); ++i)
            others.emplace_back(name);
        if (!others.front().get_lock())
            state.SkipWithError("not free");
        const resource_lock lock{name};
        for (auto _ : state)
            benchmark::DoNotOptimize(lock.state());
    }
    remove_files();
}
BENCHMARK(state_of_a_held_lock)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

/// lock_value() is sem_getvalue() and a log line that is off.
void value_with_a_disabled_log_line(benchmark::State& state)
{
    const resource_lock lock{name};
    for (auto _ : state)
        benchmark::DoNotOptimize(lock.lock_value());
    remove_files();
}
BENCHMARK(value_with_a_disabled_log_line);

void raw_value(benchmark::State& state)
{
    auto* const semaphore = sem_open(name.c_str(), O_CREAT, 0600, 1);
    sem_unlink(name.c_str());
    for (auto _ : state) {
        int value = 0;
        sem_getvalue(semaphore, &value);
        benchmark::DoNotOptimize(value);
    }
    sem_close(semaphore);
}
BENCHMARK(raw_value);

} // namespace

BENCHMARK_MAIN();
