#pragma once

#include <functional>
#include <optional>
#include <string>

#include <sched.h>

/// A process that is led from one instruction, or one system call, to the next, so that it can be killed
/// between any two of them.
namespace test {

enum class stride {
    instruction,
    system_call, ///< two steps for each: before and after
};

class stepped_process {
public:
    /// Forks; the child runs `prepare` freely and stops before `body`. Everything a `prepare` makes must be
    /// reachable from `body` and is never destroyed.
    stepped_process(const std::function<void()>& prepare, const std::function<void()>& body);
    stepped_process(const stepped_process&) = delete;
    stepped_process& operator=(const stepped_process&) = delete;
    ~stepped_process();

    /// Steps until `reached` is true after one; false when `body` returned before.
    bool go_until(stride by, const std::function<bool()>& reached);
    /// SIGKILL where it stands, and waits for the end.
    void kill();

private:
    int wait();

    // A switch between two processes on one processor takes half the time of one across two.
    class one_processor {
    public:
        one_processor();
        one_processor(const one_processor&) = delete;
        one_processor& operator=(const one_processor&) = delete;
        ~one_processor();

    private:
        cpu_set_t before_;
    };

    one_processor pin_;
    int pid_;
};

/// Why processes cannot be led by single steps here; nullopt when they can.
std::optional<std::string> no_single_steps();
/// The same for steps from one system call to the next.
std::optional<std::string> no_tracing();

} // namespace test
