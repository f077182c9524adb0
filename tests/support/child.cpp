#include "child.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace test {

namespace {

[[noreturn]] void fail(int error, const char* what)
{
    throw std::system_error{error, std::generic_category(), what};
}

struct pipe_ends {
    int read;
    int write;
};

pipe_ends make_pipe()
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail(errno, "pipe2");
    return {ends[0], ends[1]};
}

/// What processor a program is for, from its ELF header; empty: it is a script, or only a name to be
/// searched.
std::string processor_of(const std::string& path)
{
    std::string header(20, '\0');
    std::ifstream file{path, std::ios::binary};
    if (!file.read(header.data(), std::ssize(header)) || !header.starts_with("\177ELF"))
        return {};
    return header.substr(4, 2) + header.substr(18, 2);
}

/// QEMU's user mode (cross/run-user) runs one program; the kernel cannot start another of its processor
/// alone.
std::vector<std::string> with_emulator(const std::vector<std::string>& command)
{
    const char* const emulator = std::getenv("RESOURCELOCK_TEST_EMULATOR"); // words
    if (emulator == nullptr || processor_of(command.at(0)) != processor_of("/proc/self/exe"))
        return command;
    std::istringstream words{emulator};
    std::vector<std::string> result{std::istream_iterator<std::string>{words}, {}};
    result.push_back(std::filesystem::canonical(command[0])); // not the emulator's own /proc/self/exe
    result.insert(result.end(), command.begin() + 1, command.end());
    return result;
}

} // namespace

void say(const std::string& line) { std::cout << line << std::endl; }

std::optional<std::string> hear()
{
    std::string line;
    if (!std::getline(std::cin, line))
        return std::nullopt;
    return line;
}

child child::in_role(const std::string& name, const std::vector<std::string>& args)
{
    std::vector<std::string> command{"/proc/self/exe", "--role", name};
    command.insert(command.end(), args.begin(), args.end());
    return of(command);
}

child child::of(const std::vector<std::string>& asked, bool keep_errors)
{
    const auto command = with_emulator(asked);
    std::signal(SIGPIPE, SIG_IGN); // telling a dead child something is no reason to die
    const auto in = make_pipe();
    const auto out = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
    if (keep_errors)
        posix_spawn_file_actions_adddup2(&actions, out.write, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT); // a script's background programs ignore it, and so would ours
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

    std::vector<char*> argv;
    for (const auto& word : command)
        argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(in.read);
    close(out.write);
    if (error != 0)
        fail(error, argv[0]);
    return {pid, in.write, out.read};
}

child::child(child&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      to_{std::exchange(other.to_, -1)},
      from_{std::exchange(other.from_, -1)},
      unread_{std::move(other.unread_)},
      exit_code_{other.exit_code_}
{}

child::~child()
{
    if (pid_ > 0)
        kill();
    if (to_ >= 0)
        close(to_);
    if (from_ >= 0)
        close(from_);
}

bool child::fill(std::chrono::steady_clock::time_point end)
{
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd ready{from_, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(std::max<decltype(left)>(left, 0))) <= 0)
        return false;
    char buffer[4096];
    const auto size = read(from_, buffer, sizeof buffer);
    if (size <= 0)
        return false;
    unread_.append(buffer, static_cast<std::size_t>(size));
    return true;
}

std::optional<std::string> child::line(std::chrono::milliseconds within)
{
    const auto end = std::chrono::steady_clock::now() + within;
    for (;;) {
        if (const auto at = unread_.find('\n'); at != std::string::npos) {
            auto found = unread_.substr(0, at);
            unread_.erase(0, at + 1);
            return found;
        }
        if (!fill(end))
            return std::nullopt;
    }
}

std::string child::rest(std::chrono::milliseconds within)
{
    const auto end = std::chrono::steady_clock::now() + within;
    while (fill(end)) {
    }
    return std::exchange(unread_, {});
}

void child::tell(const std::string& text)
{
    const auto line = text + '\n';
    if (write(to_, line.data(), line.size()) < 0 && errno != EPIPE)
        fail(errno, "write to a child");
}

void child::signal(int number) const { ::kill(pid_, number); }

std::optional<int> child::wait(std::chrono::milliseconds within)
{
    const auto end = std::chrono::steady_clock::now() + within;
    while (!exit_code_) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            break;
        }
        if (std::chrono::steady_clock::now() >= end)
            return std::nullopt;
        usleep(1000);
    }
    return exit_code_;
}

void child::kill()
{
    if (exit_code_)
        return;
    signal(SIGKILL);
    wait();
}

} // namespace test
