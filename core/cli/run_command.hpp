#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

/// Runs a foreign program while this one holds something for it, as flock(1) does.
///
/// Both are in one process group, so a terminal's Ctrl-C reaches the command by itself, and this process goes
/// on until the command has ended. What is sent to this process alone is passed on to the command, and what a
/// terminal sends, if the command has made a group of its own.
namespace resourcelock::cli {

/// The signals that end programs, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2 and SIGTERM, come here from the
/// construction on: before the command runs the first one stops the preparations, and then they are the
/// command's. Those that this process was started to ignore stay ignored. Construct one, at the beginning and
/// in the main thread; its effect lasts as long as the process.
class command_runner {
public:
    command_runner();

    /// Requested by the first signal: give it to whatever waits before the command can run.
    [[nodiscard]] std::stop_token stop() const;
    /// The exit status to end with after such a signal, 128 + its number.
    [[nodiscard]] std::optional<int> stopped() const;

    /// Runs the program `command[0]`, searched in PATH, and returns the exit status to end with: the
    /// command's own; 128 + the number of the signal that ended it; EX_UNAVAILABLE (69) if it cannot be
    /// executed, with a line on standard error in the name of `program`; or that of stopped(), and then
    /// nothing was run. Throws `std::system_error` when there can be no other process.
    ///
    /// The command gets SIGTERM when this process dies without having ended it: what this process held for it
    /// is somebody else's then. It has the signal mask that this process was started with, and what this
    /// process ignores is ignored there, too: leave SIGPIPE as it is.
    int run(const char* program, const std::vector<std::string>& command);

private:
    struct shared;
    std::shared_ptr<shared> shared_;
};

/// The command that has the user's shell (SHELL, or /bin/sh) run `script`, as `flock -c` does.
std::vector<std::string> shell_command(const std::string& script);

} // namespace resourcelock::cli
