#include "command_line.hpp"
#include "doctor.hpp"
#include "local_time.hpp"
#include "output.hpp"
#include "python_log_style.hpp"

#include <resourcelock/resource_lock.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>

#include <unistd.h>

namespace {

using namespace resourcelock;
using seconds = std::chrono::duration<double>;

constexpr int exit_done = 0;
constexpr int exit_not_done = 1;
constexpr int exit_failed = EX_OSERR;

constexpr auto help_text =
    R"(usage: resourcelock [-h] [-t SEC] [-m TEXT] [-a SEC] [-u SEC] [-v] [-V] LockName {get,unget,state,trace,doctor}

Inter-process lock mechanism: named locks shared by the programs of this machine,
also with Python programs that use cjnfuncs.resourcelock

    Commands:
        get:    Get/set the lock named LockName.  It stays set when this program ends, until 'unget'.
                '-a' specifies an automatic timed unget (only applied if the get was successful).
        unget:  Force-release LockName.
        state:  Print the current state of LockName.
        trace:  Continuously print the state of LockName.  '-u' specifies update interval.  Ctrl-C to exit.
        doctor: Explain LockName: who holds it and whether that lives, which processes have it open, what is
                wrong and the command that mends it.  Changes nothing; as root it sees all processes.

positional arguments:
  LockName              Name of the system-wide lock to access
  {get,unget,state,trace,doctor}
                        Command choices

options:
  -h, --help            show this help message and exit
  -t SEC, --get-timeout SEC
                        Timeout value for a get call (default 0.5 sec, -1 for no timeout)
  -m TEXT, --message TEXT
                        Lock get/unget debug message text (default 'cli')
  -a SEC, --auto-unget SEC
                        After a successful get, unget the lock in (float) sec, or earlier on SIGINT or SIGTERM
  -u SEC, --update SEC  Trace update interval (default 0.5 sec)
  -v, --verbose         Print log messages too, and who holds the lock (-vv for debug level logging)
  -V, --version         show program's version number and exit

exit codes:
  0                     done; also a trace ended, or a '-a' cut short, by SIGINT or SIGTERM
  1                     get: timed out, or interrupted while waiting; unget: there was nothing to release;
                        doctor: something is wrong
  64                    wrong usage
  71                    anything else, such as no permission; one line on standard error says what to do

example:
  resourcelock i2c-1 get -t 5 -m 'firmware update' && { update; resourcelock i2c-1 unget; }
)";

struct request {
    std::string name;
    std::string command;
    wait_limit get_timeout = seconds{0.5};
    std::string message = "cli";
    std::optional<seconds> auto_unget;
    seconds update{0.5};
    int verbosity = 0;
};

seconds to_seconds(const std::string& text)
{
    double value = 0;
    const auto end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || !std::isfinite(value))
        throw CLI::ValidationError{"'" + text + "' is not a number of seconds"};
    return seconds{value};
}

void describe(CLI::App& app, request& asked)
{
    app.formatter_fn([](auto&&...) { return std::string{help_text}; });
    app.set_version_flag("-V,--version", "resourcelock " RESOURCELOCK_VERSION);
    const auto option = [&app](const char* names, const std::function<void(const std::string&)>& set) {
        app.add_option_function<std::string>(names, set)->take_last()->type_name("value");
    };
    option("-t,--get-timeout", [&asked](const std::string& text) {
        const auto value = to_seconds(text);
        if (value == seconds{-1})
            asked.get_timeout = std::nullopt;
        else if (value >= seconds{0})
            asked.get_timeout = value;
        else
            throw CLI::ValidationError{"--get-timeout must be 0 or more, or -1 for no timeout"};
    });
    option("-m,--message", [&asked](const std::string& text) { asked.message = text; });
    option("-a,--auto-unget", [&asked](const std::string& text) {
        asked.auto_unget = to_seconds(text);
        if (*asked.auto_unget < seconds{0})
            throw CLI::ValidationError{"--auto-unget must be 0 or more"};
    });
    option("-u,--update", [&asked](const std::string& text) {
        asked.update = to_seconds(text);
        if (asked.update <= seconds{0})
            throw CLI::ValidationError{"--update must be more than 0"};
    });
    app.add_flag("-v,--verbose", asked.verbosity);
    app.add_option("LockName", asked.name)->required();
    app.add_option("Command", asked.command);
    app.callback([&asked] {
        constexpr std::array<std::string_view, 5> commands{"get", "unget", "state", "trace", "doctor"};
        if (std::ranges::find(commands, asked.command) == commands.end())
            throw CLI::ValidationError{asked.command.empty()
                                           ? "no command: get, unget, state, trace or doctor"
                                           : "unknown command '" + asked.command +
                                                 "': get, unget, state, trace or doctor"};
    });
}

void show_log(int verbosity)
{
    for (const auto* name : {"resourcelock", "resourcelock_islocked"}) {
        const auto logger = spdlog::get(name);
        logger->set_formatter(std::make_unique<python_log_style>());
        if (verbosity > 0)
            logger->set_level(verbosity > 1 ? spdlog::level::debug : spdlog::level::info);
    }
}

/// A token that the first SIGINT or SIGTERM stops. A second one ends the program at once, in case it is
/// stuck.
std::stop_token stopped_by_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::stop_source stop;
    std::thread{[signals, stop]() mutable {
        int number = 0;
        sigwait(&signals, &number);
        stop.request_stop();
        pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
        for (;;)
            pause();
    }}.detach();
    return stop.get_token();
}

/// Sleeps; returns true when `stop` ended it early.
bool sleep_for(seconds duration, const std::stop_token& stop)
{
    constexpr seconds some_years{1e8}; // more overflows the clock's nanoseconds
    std::mutex mutex;
    std::unique_lock guard{mutex};
    std::condition_variable_any never;
    return never.wait_for(guard, stop, std::min(duration, some_years),
                          [&stop] { return stop.stop_requested(); });
}

const char* truth(bool value) { return value ? "True" : "False"; }

/// As Python prints a float: 2.0, 0.5, 1e-05.
std::string python_float(double value)
{
    auto text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos)
        text += ".0";
    return text;
}

std::string lock_state_text(const resource_lock& lock)
{
    return fmt::format("Currently locked: <{}>, Lock info: <{}>", truth(lock.is_locked()),
                       cli::printable(lock.get_lock_info()));
}

bool say_result(const resource_lock& lock, const char* call, bool result)
{
    return cli::say(fmt::format("<{}> {} called - Returned <{}>, {}", lock.lockname(), call, truth(result),
                                lock_state_text(lock)));
}

int unget(resource_lock& lock, const unget_options& options)
{
    const bool released = lock.unget_lock(options);
    say_result(lock, "unget_lock", released);
    return released ? exit_done : exit_not_done;
}

int get_for_a_while(const request& asked, resource_lock& lock, const std::stop_token& stop)
{
    say_result(lock, "get_lock", true);
    cli::say(fmt::format("Release lock after <{}> sec delay", python_float(asked.auto_unget->count())));
    sleep_for(*asked.auto_unget, stop);
    return unget(lock, {.where_called = asked.message + " - auto unget"});
}

int get(const request& asked, resource_lock& lock, const std::stop_token& stop)
{
    bool got = lock.get_lock({.timeout = asked.get_timeout, .lock_info = asked.message, .stop = stop});
    if (got && stop.stop_requested()) { // both at once: whoever interrupts us expects nothing held
        lock.unget_lock({.where_called = asked.message});
        got = false;
    }
    if (got && asked.auto_unget)
        return get_for_a_while(asked, lock, stop);

    got = got && lock.detach();
    try {
        say_result(lock, "get_lock", got);
    } catch (...) {
        if (got)
            lock.unget_lock({.force = true, .where_called = asked.message});
        throw;
    }
    return got ? exit_done : exit_not_done;
}

const char* word_for(owner_status status)
{
    switch (status) {
    case owner_status::none:
        return "none";
    case owner_status::alive:
        return "alive";
    case owner_status::dead:
        return "dead";
    case owner_status::detached:
        return "detached";
    case owner_status::unknown:
        break;
    }
    return "unknown";
}

std::string owner_text(const lock_state& state)
{
    auto text = fmt::format("Holder: <{}>", word_for(state.status));
    if (!state.owner)
        return text;
    const auto since = std::chrono::system_clock::to_time_t(state.owner->since);
    return text + fmt::format(", Program: <{}>, Pid: <{}>, Since: <{}>", cli::printable(state.owner->comm),
                              state.owner->pid, cli::local_time(since));
}

bool say_state(const request& asked, const resource_lock& lock)
{
    return cli::say(fmt::format("<{}> {}", lock.lockname(), lock_state_text(lock))) &&
           (asked.verbosity < 1 ||
            cli::say(fmt::format("<{}> {}", lock.lockname(), owner_text(lock.state()))));
}

/// Until a signal, or until nobody reads any more.
void trace(const request& asked, const std::stop_token& stop)
{
    constexpr seconds look_at_reader{0.25};
    std::optional<resource_lock> lock;
    for (;;) {
        try {
            if (!lock)
                lock.emplace(asked.name);
            if (!say_state(asked, *lock))
                return;
        } catch (const std::system_error& error) {
            if (error.code() != lock_errc::lock_replaced)
                throw;
            lock.reset(); // somebody removed its files: from now on, show the lock that others open
            continue;
        }
        for (auto left = asked.update; left > seconds{0}; left -= look_at_reader)
            if (sleep_for(std::min(left, look_at_reader), stop) || cli::reader_has_gone())
                return;
    }
}

int explain(const request& asked)
{
    const auto [lines, something_is_wrong] = cli::examine(asked.name);
    for (const auto& line : lines)
        if (!cli::say(line))
            break;
    return something_is_wrong ? exit_not_done : exit_done;
}

int run(const request& asked)
{
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe ends a trace, and nothing else
    show_log(asked.verbosity);
    if (asked.command == "trace") {
        trace(asked, stopped_by_signals());
        return exit_done;
    }
    if (asked.command == "doctor") // before anything makes the lock
        return explain(asked);
    resource_lock lock{asked.name};
    if (asked.command == "get")
        return get(asked, lock, stopped_by_signals());
    if (asked.command == "unget")
        return unget(lock, {.force = true, .where_called = asked.message});
    say_state(asked, lock);
    return exit_done;
}

} // namespace

int main(int argc, char** argv)
{
    constexpr auto program = "resourcelock";
    try {
        CLI::App app{"", program};
        request asked;
        describe(app, asked);
        const auto exit_code = cli::parse(app, argc, argv);
        return exit_code ? *exit_code : run(asked);
    } catch (const std::system_error& error) {
        return cli::fail(program, error.what(), error.code() == lock_errc::bad_name ? EX_USAGE : exit_failed);
    } catch (const std::exception& error) {
        return cli::fail(program, error.what(), exit_failed);
    }
}
