#pragma once

#include "outcome.hpp"
#include "test_names.hpp"

#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

/// The program `resourcelock`, for tests of it.
namespace test {

using words = std::vector<std::string>;

inline words command(const words& arguments)
{
    words all{RESOURCELOCK};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

inline outcome run_program(const words& arguments)
{
    auto result = run(command(arguments));
    result.output = without_times(result.output);
    return result;
}

/// Runs a shell script in which $0 is the program and $1 the lock.
inline outcome run_script(const std::string& script, const std::string& lock)
{
    auto result = run({"bash", "-c", script, RESOURCELOCK, lock});
    result.output = without_times(result.output);
    return result;
}

inline bool is_locked(const std::string& lock)
{
    return run_program({lock, "state"}).output.find("Currently locked: <True>") != std::string::npos;
}

/// A program that has the lock for a long time, from before this returns.
inline child holder_of(const std::string& lock, const std::string& info = "cli")
{
    auto program = child::of(command({lock, "get", "-a", "1000", "-m", info}));
    program.line();
    program.line();
    return program;
}

/// A script's prefix that makes a command one of user `nobody`; only root can.
inline std::string as_nobody() { return "exec setpriv --reuid 65534 --regid 65534 --clear-groups "; }

/// Only root outside of containers does.
inline bool sees_all_processes()
{
    constexpr ino_t first_pid_namespace = 0xeffffffc;
    struct stat status {};
    return geteuid() == 0 && stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == first_pid_namespace;
}

#define NEEDS_ROOT                                                                                           \
    if (getuid() != 0)                                                                                       \
    GTEST_SKIP() << "needs root, to become another user"

} // namespace test
