#include "bus_doctor.hpp"
#include "bus_list.hpp"
#include "bus_lock.hpp"
#include "command_line.hpp"
#include "output.hpp"
#include "recovery.hpp"
#include "run_command.hpp"
#include "shell_word.hpp"
#include "table.hpp"

#include <resourcelock/i2c_errc.hpp>
#include <resourcelock/resource_lock.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace resourcelock;

constexpr auto program = "i2cbus";

constexpr auto help_text =
    R"(usage: i2cbus list [-n] [-J] [-o COLUMN,...]
       i2cbus run BUS [-w SEC] -- COMMAND [ARGUMENT...]
       i2cbus doctor BUS [-w SEC] [-J]
       i2cbus recover BUS [-y] [-w SEC] [-J]

I2C buses that programs share: each has a lock, which the programs that use
the C++ class i2c_bus take for every transaction or sequence.

commands:
  list     the buses with their adapter, root adapter, lock and holder
  run      run a command, such as one of i2c-tools, while holding the bus
  doctor   look at node, permissions, drivers, users, lock and lines of a bus:
           what is wrong, and what to do about it
  recover  a bus whose lines are stuck: take the adapter from its driver and
           give it back. Says what it would do; does it with -y, as root

BUS is a number (1), a device node (/dev/i2c-1), the name of an adapter as
`i2cdetect -l` shows it, or sim:NAME, a simulated bus.

options:
  -w, --timeout SEC    wait so long for the bus's lock (run: for ever,
                       doctor and recover: 1 s)
  -y, --yes            recover: do it
  -J, --json           print JSON
  -n, --noheadings     list: without the headings
  -o, --output COLUMN,...
                       list: these of BUS, ADAPTER, ROOT, LOCK, HOLDER
  -h, --help           show this help
  -V, --version        show the version

exit codes:
  0    done; doctor: nothing is wrong; recover: the lines are in order
  1    the lock was not free in time; doctor: something is wrong; recover:
       not recovered
  64   wrong usage
  71   anything else, such as no permission; standard error says what to do
  run ends as the command does, with 128 + N when signal N ended it, and with
  69 when it cannot be executed

examples:
  i2cbus list
  i2cbus run 1 -w 5 -- i2cdetect -y 1
  sudo i2cbus doctor 1
)";

struct request {
    std::string bus;
    std::optional<cli::seconds> wait;
    bool json = false;
    bool act = false;
    std::vector<std::string> command;
    cli::table buses = cli::bus_table();
};

wait_limit wait_or(const request& asked, wait_limit usual)
{
    return asked.wait ? wait_limit{*asked.wait} : usual;
}

/// A closed pipe ends the output, and nothing else. (A command that is run decides for itself.)
void ignore_closed_pipes() { std::signal(SIGPIPE, SIG_IGN); }

int list(request& asked)
{
    ignore_closed_pipes();
    cli::list_buses(asked.buses);
    cli::print(asked.buses.text());
    return cli::exit_done;
}

int run(request& asked)
{
    cli::command_runner runner;
    const auto bus = identify_bus(asked.bus);
    resource_lock lock{bus.lock_name, bus.lock};
    try {
        cli::take(lock, bus, wait_or(asked, std::nullopt), cli::shell_words(asked.command), runner.stop());
    } catch (const std::system_error&) {
        if (const auto stopped = runner.stopped())
            return *stopped;
        throw;
    }
    const int status = runner.run(program, asked.command);
    std::error_code error;
    if (!lock.unget_lock({}, error) || error)
        cli::fail(program,
                  "somebody released or removed lock <" + bus.lock_name + "> of " + bus.name +
                      " while the command ran",
                  0);
    return status;
}

void say(const std::vector<std::string>& lines)
{
    for (const auto& line : lines)
        if (!cli::say(line))
            break;
}

int examine(request& asked)
{
    ignore_closed_pipes();
    const auto diagnosis = cli::examine_bus(asked.bus, wait_or(asked, cli::seconds{1}));
    if (asked.json)
        cli::print(cli::json_text(cli::as_json(diagnosis), 2) + '\n');
    else
        say(cli::as_lines(diagnosis));
    return diagnosis.found.empty() ? cli::exit_done : cli::exit_not_done;
}

int recover(request& asked)
{
    ignore_closed_pipes();
    const auto result =
        cli::recover({.bus = asked.bus, .wait = wait_or(asked, cli::seconds{1}), .act = asked.act});
    if (asked.json)
        cli::print(cli::json_text(cli::as_json(result), 2) + '\n');
    else
        say(cli::as_lines(result));
    return result.is_in_order() ? cli::exit_done : cli::exit_not_done;
}

struct command {
    CLI::App* app;
    int (*what)(request&);
};

/// `behind_mark`: what stood behind `--`.
std::vector<command> describe(CLI::App& app, request& asked, const std::vector<std::string>& behind_mark)
{
    app.formatter_fn([](auto&&...) { return std::string{help_text}; });
    app.require_subcommand(0, 1); // one at a time
    app.set_version_flag("-V,--version", "i2cbus " RESOURCELOCK_VERSION);
    std::vector<command> commands{{app.add_subcommand("list"), list},
                                  {app.add_subcommand("run"), run},
                                  {app.add_subcommand("doctor"), examine},
                                  {app.add_subcommand("recover"), recover}};
    const auto [of_list, of_run, of_doctor, of_recover] =
        std::tuple{commands[0].app, commands[1].app, commands[2].app, commands[3].app};
    asked.buses.add_options_to(*of_list);
    const auto set_wait = [&asked](const std::string& text) { asked.wait = cli::to_wait(text, "--timeout"); };
    for (auto* const with_bus : {of_run, of_doctor, of_recover}) {
        with_bus->add_option("BUS", asked.bus)->required();
        with_bus->add_option_function<std::string>("-w,--timeout", set_wait)->take_last();
    }
    for (auto* const with_json : {of_doctor, of_recover})
        with_json->add_flag("-J,--json", asked.json);
    of_recover->add_flag("-y,--yes", asked.act);
    of_run->prefix_command();
    of_run->callback([&asked, &behind_mark, of_run = commands[1].app] {
        asked.command = cli::program_in(of_run->remaining(), behind_mark);
        if (asked.command.empty())
            throw CLI::ValidationError{"run needs a command: run BUS -- COMMAND..."};
    });
    app.callback([&app] {
        if (app.get_subcommands().empty())
            throw CLI::ValidationError{"no command: list, run, doctor or recover"};
    });
    return commands;
}

int exit_code_of(const std::error_code& error)
{
    if (error == i2c_errc::bad_bus)
        return EX_USAGE;
    return error == i2c_errc::lock_timeout ? cli::exit_not_done : cli::exit_failed;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        CLI::App app{"", program};
        request asked;
        std::vector<std::string> words{argv + 1, argv + argc};
        const bool runs = !words.empty() && words.front() == "run";
        const auto behind_mark = runs ? cli::cut_at_mark(words) : std::vector<std::string>{};
        const auto commands = describe(app, asked, behind_mark);
        if (const auto exit_code = cli::parse(app, std::move(words)))
            return *exit_code;
        for (const auto& command : commands)
            if (command.app->parsed())
                return command.what(asked);
        return cli::exit_failed; // not reached
    } catch (const std::system_error& error) {
        return cli::fail(program, error.what(), exit_code_of(error.code()));
    } catch (const std::exception& error) {
        return cli::fail(program, error.what(), cli::exit_failed);
    }
}
