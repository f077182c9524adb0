#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sysexits.h>

namespace CLI {
class App;
}

/// What all programs of this project do alike with their command line.
namespace resourcelock::cli {

constexpr int exit_done = 0;
constexpr int exit_not_done = 1;
constexpr int exit_failed = EX_OSERR;

using seconds = std::chrono::duration<double>;

/// One line on standard error, and the exit code to end with.
int fail(const char* program, std::string_view reason, int exit_code);

/// Reads words of the command line into what `app` was told. Returns an exit code when the program is to end:
/// after `--help` and `--version`, or EX_USAGE after a line that says what is wrong. Throws when help cannot
/// be printed; but a reader that has gone away is no error.
std::optional<int> parse(CLI::App& app, std::vector<std::string> words);

/// The same with all of them.
std::optional<int> parse(CLI::App& app, int argc, char** argv);

/// A finite number of seconds. Throws CLI::ValidationError.
seconds to_seconds(const std::string& text);

/// The same for an option that takes 0 or more of them; `option` is its name in the error.
seconds to_wait(const std::string& text, const char* option);

/// Takes the words from `--` on away, and returns those behind it.
std::vector<std::string> cut_at_mark(std::vector<std::string>& words);

/// The program that `run` is to run and its own arguments: what was left behind the options, and what stood
/// behind `--`. Throws CLI::ValidationError for an option that is none.
std::vector<std::string> program_in(std::vector<std::string> left, const std::vector<std::string>& behind);

} // namespace resourcelock::cli
