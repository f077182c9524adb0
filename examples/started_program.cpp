#include "started_program.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

volatile std::sig_atomic_t waiting_has_ended = 0;

[[noreturn]] void fail(int error, const char* what)
{
    throw std::system_error{error, std::generic_category(), what};
}

} // namespace

pipe_ends::pipe_ends()
{
    if (pipe2(ends_.data(), O_CLOEXEC) != 0)
        fail(errno, "cannot make a pipe");
}

pipe_ends::~pipe_ends()
{
    close(ends_[0]);
    close_writer();
}

void pipe_ends::close_writer()
{
    if (ends_[1] >= 0)
        close(std::exchange(ends_[1], -1));
}

started_program::started_program(std::vector<std::string> arguments, const pipe_ends& input)
{
    arguments.insert(arguments.begin(), program_invocation_short_name);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t redirections;
    posix_spawn_file_actions_init(&redirections);
    posix_spawn_file_actions_adddup2(&redirections, input.reader(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&redirections, output_.writer(), STDOUT_FILENO);
    const int error = posix_spawn(&pid_, "/proc/self/exe", &redirections, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&redirections);
    if (error != 0)
        fail(error, "cannot start a program");
    output_.close_writer();
}

started_program::~started_program()
{
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

std::string started_program::line()
{
    std::string text;
    for (char letter = 0;;) {
        if (waiting_has_ended != 0)
            throw std::runtime_error{"interrupted"};
        const auto size = read(output_.reader(), &letter, 1);
        if (size == 0)
            throw std::runtime_error{"one of the programs has ended early"};
        if (size == 1 && letter == '\n')
            return text;
        if (size == 1)
            text += letter;
        else if (errno != EINTR)
            fail(errno, "cannot read what a program prints");
    }
}

void started_program::end_waiting() noexcept { waiting_has_ended = 1; }
