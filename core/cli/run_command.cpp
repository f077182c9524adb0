#include "run_command.hpp"

#include "command_line.hpp"
#include "unignored_signals.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

constexpr int signal_base = 128; // of an exit status, in every shell

/// In the new process; ends with it.
[[noreturn]] void execute(const char* program, char* const* command, pid_t parent, const sigset_t& mask)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) // it died before that
        _exit(signal_base + SIGTERM);
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    execvp(command[0], command);
    const auto reason = std::string{"cannot execute "} + command[0] + ": " + std::strerror(errno);
    _exit(fail(program, reason, EX_UNAVAILABLE));
}

pid_t start(const char* program, const std::vector<std::string>& command, const sigset_t& mask)
{
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const auto& word : command)
        words.push_back(const_cast<char*>(word.c_str())); // execvp changes none
    words.push_back(nullptr);
    const auto parent = getpid();
    const auto child = fork();
    if (child < 0)
        throw std::system_error{errno, std::system_category(), "cannot start another process"};
    if (child == 0)
        execute(program, words.data(), parent, mask);
    return child;
}

} // namespace

struct command_runner::shared {
    sigset_t signals{};
    sigset_t mask_before{};
    std::mutex mutex;
    pid_t command = 0;
    int first_signal = 0;
    std::stop_source stop;

    void take_signals()
    {
        for (;;) {
            siginfo_t info{};
            if (sigwaitinfo(&signals, &info) <= 0)
                continue;
            const std::lock_guard guard{mutex};
            if (command != 0) {
                // A terminal has told the whole group of a Ctrl-C; its end it tells the leader of the session
                // alone.
                const bool knows =
                    info.si_code == SI_KERNEL && info.si_signo != SIGHUP && getpgid(command) == getpgrp();
                if (!knows)
                    kill(command, info.si_signo);
            } else if (!stop.stop_requested()) {
                first_signal = info.si_signo;
                stop.request_stop();
            }
        }
    }
};

command_runner::command_runner() : shared_{std::make_shared<shared>()}
{
    shared_->signals = unignored({SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM});
    pthread_sigmask(SIG_BLOCK, &shared_->signals, &shared_->mask_before);
    std::signal(SIGCHLD, SIG_DFL); // ignored, it would take the exit status away
    std::thread{[all = shared_] { all->take_signals(); }}.detach();
}

std::stop_token command_runner::stop() const { return shared_->stop.get_token(); }

std::optional<int> command_runner::stopped() const
{
    const std::lock_guard guard{shared_->mutex};
    return shared_->first_signal == 0 ? std::nullopt : std::optional{signal_base + shared_->first_signal};
}

int command_runner::run(const char* program, const std::vector<std::string>& command)
{
    std::unique_lock guard{shared_->mutex};
    if (shared_->first_signal != 0)
        return signal_base + shared_->first_signal;
    const auto child = start(program, command, shared_->mask_before);
    shared_->command = child;
    guard.unlock();

    siginfo_t ended{};
    // Not reaped yet, so that no signal goes to another process that gets its number.
    while (waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    guard.lock();
    shared_->command = 0;
    guard.unlock();
    waitpid(child, nullptr, 0);
    return ended.si_code == CLD_EXITED ? ended.si_status : signal_base + ended.si_status;
}

std::vector<std::string> shell_command(const std::string& script)
{
    const char* const shell = getenv("SHELL");
    return {shell == nullptr || *shell == '\0' ? "/bin/sh" : shell, "-c", script};
}

} // namespace resourcelock::cli
