#pragma once

#include <array>
#include <string>
#include <vector>

#include <sys/types.h>

/// A pipe; its ends are closed with the object, and in programs that are started meanwhile.
class pipe_ends {
public:
    pipe_ends();
    pipe_ends(const pipe_ends&) = delete;
    pipe_ends& operator=(const pipe_ends&) = delete;
    ~pipe_ends();

    [[nodiscard]] int reader() const { return ends_[0]; }
    [[nodiscard]] int writer() const { return ends_[1]; }
    void close_writer();

private:
    std::array<int, 2> ends_{-1, -1};
};

/// This program once more, with other arguments. Ended with the object. Throws `std::system_error` when it
/// cannot be started.
class started_program {
public:
    /// It reads from `input`.
    started_program(std::vector<std::string> arguments, const pipe_ends& input);
    started_program(const started_program&) = delete;
    started_program& operator=(const started_program&) = delete;
    ~started_program();

    /// The next line it prints. Throws `std::runtime_error` when there is none, or after end_waiting().
    std::string line();

    /// Lets line() return early, with an exception. Signal-safe.
    static void end_waiting() noexcept;

private:
    pipe_ends output_;
    pid_t pid_ = -1;
};
