#include "request.hpp"

#include "help_text.hpp"
#include "lock_row.hpp"
#include "run_command.hpp"
#include "shell_word.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

namespace resourcelock::cli {

namespace {

using words = std::vector<std::string>;

struct lock_command {
    std::string_view name;
    bool has_common_options; ///< the grammar of cjnfuncs.resourcelock lets them stand with all of its own
};

constexpr std::array<lock_command, 10> commands_of_a_lock{{{"get", true},
                                                           {"unget", true},
                                                           {"state", true},
                                                           {"trace", true},
                                                           {"doctor", true},
                                                           {"run", false},
                                                           {"reap", false},
                                                           {"remove", false},
                                                           {"stats", false},
                                                           {"timeline", false}}};

/// Also what is no command has them, so that it is said that it is none.
bool has_common_options(const std::string& command)
{
    const auto* const found = std::ranges::find(commands_of_a_lock, command, &lock_command::name);
    return found == commands_of_a_lock.end() ? command != "list" : found->has_common_options;
}

int to_exit_code(const std::string& text)
{
    int value = -1;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || value < 0 || value > 255)
        throw CLI::ValidationError{"'" + text + "' is not an exit code from 0 to 255"};
    return value;
}

void add_option(CLI::App& app, const char* names, const std::function<void(const std::string&)>& set)
{
    app.add_option_function<std::string>(names, set)->take_last()->type_name("value");
}

void add_common_options(CLI::App& app, request& asked)
{
    add_option(app, "-t,--get-timeout", [&asked](const std::string& text) {
        const auto value = to_seconds(text);
        if (value == seconds{-1})
            asked.get_timeout = std::nullopt;
        else if (value >= seconds{0})
            asked.get_timeout = value;
        else
            throw CLI::ValidationError{"--get-timeout must be 0 or more, or -1 for no timeout"};
    });
    add_option(app, "-a,--auto-unget",
               [&asked](const std::string& text) { asked.auto_unget = to_wait(text, "--auto-unget"); });
    add_option(app, "-u,--update", [&asked](const std::string& text) {
        asked.update = to_seconds(text);
        if (*asked.update <= seconds{0})
            throw CLI::ValidationError{"--update must be more than 0"};
    });
}

void add_run_options(CLI::App& app, request& asked)
{
    auto* const at_once =
        app.add_flag_function("-n,--nonblock,--nb", [&asked](auto) { asked.run_timeout = seconds{0}; });
    app.add_option_function<std::string>(
           "-w,--timeout,--wait",
           [&asked](const std::string& text) { asked.run_timeout = to_wait(text, "--timeout"); })
        ->take_last()
        ->excludes(at_once);
    add_option(app, "-E,--conflict-exit-code",
               [&asked](const std::string& text) { asked.conflict_exit_code = to_exit_code(text); });
    add_option(app, "-c,--command",
               [&asked](const std::string& script) { asked.program = shell_command(script); });
}

void add_timeline_options(CLI::App& app, request& asked)
{
    app.add_option("LOG", asked.logs)->required();
    add_option(app, "-o,--output", [&asked](const std::string& text) { asked.output = text; });
    add_option(app, "--from", [&asked](const std::string& text) { asked.from = to_wait(text, "--from"); });
    add_option(app, "--to", [&asked](const std::string& text) { asked.to = to_seconds(text); });
}

/// What is wrong with options that are right one by one.
void check_timeline(const request& asked)
{
    if (asked.to && *asked.to <= asked.from)
        throw CLI::ValidationError{"--to must be more than --from"};
    const auto is_output = [&asked](const std::string& log) {
        std::error_code none;
        return std::filesystem::equivalent(log, asked.output, none);
    };
    if (std::ranges::any_of(asked.logs, is_output))
        throw CLI::ValidationError{"--output is one of the logs: name another file"};
}

void add_basic_options(CLI::App& app, request& asked)
{
    add_option(app, "-m,--message", [&asked](const std::string& text) { asked.message = text; });
    app.add_flag("-v,--verbose", asked.verbosity);
    app.add_option("LockName", asked.name)->required();
    app.add_option("Command", asked.command);
}

/// Options of one command alone, so that another one refuses them.
void add_options_of(const std::string& command, CLI::App& app, request& asked)
{
    if (has_common_options(command))
        add_common_options(app, asked);
    if (command == "run")
        add_run_options(app, asked);
    if (command == "list")
        asked.locks.add_options_to(app);
    if (command == "timeline")
        add_timeline_options(app, asked);
    if (command == "unget")
        app.add_flag("--if-dead", asked.if_dead);
    auto* const changes = command == "trace" ? app.add_flag("--changes", asked.changes) : nullptr;
    if (changes != nullptr)
        app.add_flag("-J,--json", asked.json)->needs(changes);
    if (command == "state" || command == "stats")
        app.add_flag("-J,--json", asked.json);
}

/// The command in these words, which may be wrong otherwise: of the options, only those are known that may
/// stand before it, and those of a `list`, which may be behind them a lock of that name.
std::string command_in(words given)
{
    CLI::App app;
    request asked;
    app.set_help_flag();
    app.prefix_command();
    add_basic_options(app, asked);
    add_common_options(app, asked);
    app.add_flag("-J,--json,-n,--noheadings");
    app.add_option("-o,--output")->expected(0, 1)->take_last();
    std::ranges::reverse(given);
    try {
        app.parse(std::move(given));
    } catch (const CLI::ParseError&) {
        return {};
    }
    return asked.command.empty() && asked.name == "list" ? asked.name : asked.command;
}

void check_command(const std::string& command)
{
    if (std::ranges::find(commands_of_a_lock, command, &lock_command::name) != commands_of_a_lock.end())
        return;
    std::string all;
    for (const auto& each : commands_of_a_lock)
        all += fmt::format("{}{}",
                           all.empty()                           ? ""
                           : &each == &commands_of_a_lock.back() ? " or "
                                                                 : ", ",
                           each.name);
    throw CLI::ValidationError{command.empty() ? "no command: " + all
                                               : "unknown command '" + command + "': " + all};
}

/// A program stands behind the options of run, or -c is one of them.
void add_program(words found, request& asked)
{
    if (found.empty() == asked.program.empty())
        throw CLI::ValidationError{found.empty() ? "run needs a command: run -- COMMAND..."
                                                 : "run needs one command: after -- or after -c"};
    if (!found.empty())
        asked.program = std::move(found);
}

} // namespace

request::request() : locks{"locks", lock_columns()} {}

std::optional<int> read_command_line(int argc, char** argv, request& asked)
{
    words given{argv + 1, argv + argc};
    const auto mark = std::ranges::find(given, "--");
    words behind_mark;
    auto command = command_in({given.begin(), mark});
    if (command == "run") { // the rest is none of our business
        behind_mark = cut_at_mark(given);
    } else {
        command = command_in(given);
    }

    CLI::App app{"", "resourcelock"};
    app.formatter_fn([](auto&&...) { return std::string{help_text}; });
    app.set_version_flag("-V,--version", "resourcelock " RESOURCELOCK_VERSION);
    add_basic_options(app, asked);
    add_options_of(command, app, asked);
    app.prefix_command(command == "run");
    app.callback([&] {
        if (command == "run") {
            add_program(program_in(app.remaining(), behind_mark), asked);
            if (app.count("--message") == 0)
                asked.message = shell_words(asked.program);
        } else if (command == "list")
            asked.command = command;
        else
            check_command(asked.command);
        if (command == "timeline")
            check_timeline(asked);
    });
    return parse(app, std::move(given));
}

} // namespace resourcelock::cli
