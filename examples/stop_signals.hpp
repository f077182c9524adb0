#pragma once

#include "unignored_signals.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <system_error>

/// SIGINT and SIGTERM end a program between two steps and not inside one. Make one before there are threads;
/// from then on the signals wait until somebody asks for them.
class stop_signals {
public:
    using clock = std::chrono::steady_clock;

    stop_signals()
    {
        if (const int error = pthread_sigmask(SIG_BLOCK, &signals_, nullptr))
            throw std::system_error{error, std::generic_category(), "cannot block signals"};
    }

    /// Waits until then. Returns whether one of the signals came, also before the call; and then does not
    /// wait.
    [[nodiscard]] bool came_until(clock::time_point end) const
    {
        using namespace std::chrono;
        for (;;) {
            const auto left = std::max(nanoseconds{end - clock::now()}, nanoseconds{0});
            const auto whole = floor<seconds>(left);
            const timespec timeout{static_cast<std::time_t>(whole.count()),
                                   static_cast<long>((left - whole).count())};
            if (sigtimedwait(&signals_, nullptr, &timeout) > 0)
                return true;
            if (errno != EINTR) // which a debugger, or a stop and its end, may give
                return false;
        }
    }

    [[nodiscard]] bool came() const { return came_until(clock::now()); }

private:
    sigset_t signals_ = resourcelock::cli::unignored({SIGINT, SIGTERM});
};
