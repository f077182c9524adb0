#include "stopping.hpp"

#include "unignored_signals.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <unistd.h>

namespace resourcelock::cli {

std::stop_token stopped_by_signals()
{
    const auto signals = unignored({SIGINT, SIGTERM});
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::stop_source stop;
    std::thread{[signals, stop]() mutable {
        int number = 0;
        sigwait(&signals, &number);
        stop.request_stop();
        pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
        for (;;)
            pause();
    }}.detach();
    return stop.get_token();
}

bool sleep_for(seconds duration, const std::stop_token& stop)
{
    constexpr seconds some_years{1e8}; // more overflows the clock's nanoseconds
    std::mutex mutex;
    std::unique_lock guard{mutex};
    std::condition_variable_any never;
    return never.wait_for(guard, stop, std::min(duration, some_years),
                          [&stop] { return stop.stop_requested(); });
}

} // namespace resourcelock::cli
