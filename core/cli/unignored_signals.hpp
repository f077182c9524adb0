#pragma once

#include <csignal>
#include <initializer_list>

namespace resourcelock::cli {

/// Those of them that this process was not told to ignore, as a shell's script tells its background programs
/// to ignore SIGINT, and nohup(1) SIGHUP: that shall stay so. A blocked signal would arrive all the same.
inline sigset_t unignored(std::initializer_list<int> signals)
{
    sigset_t set;
    sigemptyset(&set);
    for (const int number : signals) {
        struct sigaction present {};
        sigaction(number, nullptr, &present);
        if (present.sa_handler != SIG_IGN)
            sigaddset(&set, number);
    }
    return set;
}

} // namespace resourcelock::cli
