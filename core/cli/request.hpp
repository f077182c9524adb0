#pragma once

#include "command_line.hpp"
#include "table.hpp"

#include <resourcelock/wait_limit.hpp>

#include <optional>
#include <string>
#include <vector>

namespace resourcelock::cli {

constexpr auto this_program = "resourcelock";

/// What the user of the program `resourcelock` wants.
struct request {
    std::string name;
    std::string command;
    int verbosity = 0;
    std::string message = "cli"; ///< of run: the command, if not given
    wait_limit get_timeout = seconds{0.5};
    std::optional<seconds> auto_unget;
    std::optional<seconds> update;
    bool json = false;
    bool changes = false;                  ///< of trace
    bool if_dead = false;                  ///< of unget
    wait_limit run_timeout = std::nullopt; ///< as flock(1), which waits for ever
    int conflict_exit_code = 1;
    std::vector<std::string> program; ///< of run, with its arguments
    table locks;                      ///< of list
    std::vector<std::string> logs;    ///< of timeline
    std::string output = "-";         ///< and its picture: a file, or the standard output
    seconds from{0};                  ///< and what it shows, after the first event of the logs
    std::optional<seconds> to;        ///< up to the last one, if not given

    request();
};

/// Reads the command line. Returns an exit code when the program is to end: after `--help` and `--version`,
/// or EX_USAGE after a line that says what is wrong.
std::optional<int> read_command_line(int argc, char** argv, request& asked);

} // namespace resourcelock::cli
