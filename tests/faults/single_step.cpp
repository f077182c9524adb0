#include "single_step.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_A_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_A_SANITIZER 1
#endif
#endif

namespace test {

namespace {

void stop_here() { raise(SIGSTOP); }

} // namespace

stepped_process::one_processor::one_processor()
{
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
    sched_getaffinity(0, sizeof before_, &before_);
    sched_setaffinity(0, sizeof here, &here);
}

stepped_process::one_processor::~one_processor() { sched_setaffinity(0, sizeof before_, &before_); }

stepped_process::stepped_process(const std::function<void()>& prepare, const std::function<void()>& body)
    : pid_{fork()}
{
    if (pid_ < 0)
        throw std::system_error{errno, std::generic_category(), "fork"};
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
            _exit(1);
        prepare();
        stop_here();
        body();
        stop_here();
        _exit(0);
    }
    int signal = wait();
    while (signal != 0 && signal != SIGSTOP && ptrace(PTRACE_CONT, pid_, nullptr, signal) == 0)
        signal = wait();
    if (signal != SIGSTOP)
        throw std::system_error{std::make_error_code(std::errc::operation_not_permitted), "ptrace"};
}

stepped_process::~stepped_process() { kill(); }

/// The signal it stopped with; 0 when it ended.
int stepped_process::wait()
{
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0) {
        if (errno != EINTR)
            throw std::system_error{errno, std::generic_category(), "waitpid"};
    }
    if (WIFSTOPPED(status))
        return WSTOPSIG(status);
    pid_ = -1;
    return 0;
}

bool stepped_process::go_until(stride by, const std::function<bool()>& reached)
{
    const auto request = by == stride::instruction ? PTRACE_SINGLESTEP : PTRACE_SYSCALL;
    int signal = 0;
    do {
        if (ptrace(request, pid_, nullptr, signal) != 0)
            throw std::system_error{errno, std::generic_category(), "ptrace"};
        const int stopped_by = wait();
        if (stopped_by == 0 || stopped_by == SIGSTOP)
            return false;
        signal = stopped_by == SIGTRAP ? 0 : stopped_by; // others are its own
    } while (!reached());
    return true;
}

void stepped_process::kill()
{
    if (pid_ <= 0)
        return;
    ::kill(pid_, SIGKILL);
    while (pid_ > 0)
        wait();
}

std::optional<std::string> no_tracing()
{
    try {
        stepped_process probe{[] {}, [] { getppid(); }};
        if (probe.go_until(stride::system_call, [] { return true; }))
            return std::nullopt;
    } catch (const std::system_error&) {
    }
    return "ptrace(2) does not work here: forbidden, or not emulated";
}

std::optional<std::string> no_single_steps()
{
#if defined(UNDER_A_SANITIZER)
    return "a sanitizer multiplies the instructions";
#elif !defined(__x86_64__)
    return "single steps never get through the load-exclusive loops of this processor's atomics";
#else
    return no_tracing();
#endif
}

} // namespace test
