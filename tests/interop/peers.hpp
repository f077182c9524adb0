#pragma once

#include "child.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

/// Two programs that share a lock, one in Python and one in C++, which tests lead step by step in the same
/// words. What a command does and answers stands at the top of python_peer.py; the C++ peer knows all but
/// those that only Python's mistakes make possible, and `locked`, `status`, `recovered`, `detach` besides.
namespace test {

class peer {
public:
    /// A program as cjnfuncs.resourcelock would make it; the lock is open when this returns.
    static peer python(const std::string& lock_name, std::size_t shared_mem_size = 4096);
    static peer cpp(const std::string& lock_name);

    /// Tells it a command and waits for the answer; "(no answer)" when it ended or hangs.
    std::string ask(const std::string& command);
    /// Starts a `wait SECONDS INFO`, and returns once the program sleeps in it; answer() tells how it ended.
    void wait_for_lock(const std::string& seconds_and_info);
    std::string answer();

    /// SIGSTOP, and back when it has stopped; SIGCONT.
    void stop();
    void resume() const { process_.signal(SIGCONT); }
    /// SIGKILL, and waits for the end.
    void kill() { process_.kill(); }
    /// Ends it as a program ends that returns from main.
    void finish();

    [[nodiscard]] child& process() { return process_; }

private:
    explicit peer(child process);
    child process_;
};

/// Why there can be no Python peer on this machine; nullopt when there can.
std::optional<std::string> python_is_missing();

#define NEEDS_PYTHON                                                                                         \
    if (const auto reason = test::python_is_missing())                                                       \
    GTEST_SKIP() << *reason

/// Bytes of the date and time that a text begins with: 26, or 19 without microseconds, or 0 when none is
/// there.
std::size_t length_of_time(const std::string& info);

/// A text without the date and time before it; the whole text when none is there.
std::string without_time(const std::string& info);

/// Waits for something that nobody announces: looks every millisecond. False when the time is over.
bool becomes_true(const std::function<bool()>& what, std::chrono::milliseconds within = deadline);

/// The state letter of a process, proc(5) /proc/PID/stat: R runs, S sleeps, T is stopped.
char state_of(pid_t pid);

} // namespace test
