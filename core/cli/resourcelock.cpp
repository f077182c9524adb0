#include "command_line.hpp"
#include "doctor.hpp"
#include "freeing.hpp"
#include "list.hpp"
#include "lock_look.hpp"
#include "lock_name.hpp"
#include "lock_row.hpp"
#include "output.hpp"
#include "python_log_style.hpp"
#include "request.hpp"
#include "run_command.hpp"
#include "state_lines.hpp"
#include "stopping.hpp"
#include "timeline.hpp"
#include "trace.hpp"
#include "utf8.hpp"

#include <resourcelock/resource_lock.hpp>

#include <spdlog/spdlog.h>

#include <csignal>
#include <memory>
#include <string>
#include <system_error>

namespace {

using namespace resourcelock;
using namespace resourcelock::cli;

void show_log(int verbosity)
{
    for (const auto* name : {"resourcelock", "resourcelock_islocked"}) {
        const auto logger = spdlog::get(name);
        logger->set_formatter(std::make_unique<python_log_style>());
        if (verbosity > 0)
            logger->set_level(verbosity > 1 ? spdlog::level::debug : spdlog::level::info);
    }
}

/// As Python prints a float: 2.0, 0.5, 1e-05.
std::string python_float(double value)
{
    auto text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos)
        text += ".0";
    return text;
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

int get(const request& asked)
{
    resource_lock lock{asked.name};
    const auto stop = stopped_by_signals();
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

int show_list(request& asked)
{
    list_locks(asked.locks);
    print(asked.locks.text());
    return exit_done;
}

int explain(const request& asked)
{
    const auto [lines, something_is_wrong] = examine(asked.name);
    for (const auto& line : lines)
        if (!cli::say(line))
            break;
    return something_is_wrong ? exit_not_done : exit_done;
}

/// As flock(1) does. The program does not inherit the hold, which is this process's.
int run_program(const request& asked)
{
    command_runner runner;
    resource_lock lock{asked.name};
    if (!lock.get_lock({.timeout = asked.run_timeout, .lock_info = asked.message, .stop = runner.stop()})) {
        if (asked.verbosity > 0)
            fail(this_program, fmt::format("lock <{}> is held: {}", lock.lockname(), lock.get_lock_info()),
                 0);
        return runner.stopped().value_or(asked.conflict_exit_code);
    }
    const int status = runner.run(this_program, asked.program);
    std::error_code error;
    if (!lock.unget_lock({.where_called = asked.message}, error) || error)
        fail(this_program,
             fmt::format("somebody released or removed lock <{}> while the command ran", lock.lockname()), 0);
    return status;
}

int show_state(const request& asked)
{
    const resource_lock lock{asked.name};
    if (!asked.json) {
        say_state(lock, asked.verbosity);
        return exit_done;
    }
    const auto seen = steady_look(lock.lockname());
    auto object = lock_object(lock_row(seen, waiters_of(seen.evidence, sleepers_by_file())));
    object["locked"] = is_held(seen);
    object["value"] = seen.evidence.count ? nlohmann::ordered_json(*seen.evidence.count) : nullptr;
    print(json_text(object, 2) + '\n');
    return exit_done;
}

int show_statistics(const request& asked)
{
    const auto name = checked_lock_name(asked.name);
    const auto seen = look_at_lock(name);
    if (!seen.complete())
        return fail(this_program, fmt::format("there is no lock <{}>", name), exit_not_done);
    if (!seen.count || !seen.segment.regular)
        return fail(this_program, fmt::format("the files of <{}> are not those of a lock", name),
                    exit_not_done);
    const auto share = seen.acquisitions == 0
                           ? 0.0
                           : static_cast<double>(seen.contended) / static_cast<double>(seen.acquisitions);
    const nlohmann::ordered_json object{{"name", valid_utf8(name)},
                                        {"acquisitions", seen.acquisitions},
                                        {"contended", seen.contended},
                                        {"contended_share", share},
                                        {"recoveries", seen.recoveries}};
    if (asked.json)
        print(json_text(object, 2) + '\n');
    else
        say(fmt::format("<{}> Acquisitions: <{}>, Contended: <{}> ({:.1f} %), Recoveries: <{}>", name,
                        seen.acquisitions, seen.contended, 100 * share, seen.recoveries));
    return exit_done;
}

int run(request& asked)
{
    show_log(asked.verbosity);
    if (asked.command == "run")
        return run_program(asked);
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe ends a trace, and nothing else
    if (asked.command == "trace") {
        (asked.changes ? trace_changes : trace)(asked, stopped_by_signals());
        return exit_done;
    }
    // Before anything makes the lock:
    if (asked.command == "doctor")
        return explain(asked);
    if (asked.command == "list")
        return show_list(asked);
    if (asked.command == "stats")
        return show_statistics(asked);
    if (asked.command == "timeline") {
        draw_timeline(asked);
        return exit_done;
    }
    if (asked.command == "reap")
        return reap(asked);
    if (asked.command == "remove")
        return cli::remove(asked);
    if (asked.command == "unget")
        return asked.if_dead ? unget_if_dead(asked) : unget_by_force(asked);
    if (asked.command == "get")
        return get(asked);
    return show_state(asked);
}

} // namespace

int main(int argc, char** argv)
{
    try {
        request asked;
        const auto exit_code = read_command_line(argc, argv, asked);
        return exit_code ? *exit_code : run(asked);
    } catch (const std::system_error& error) {
        return fail(this_program, error.what(), error.code() == lock_errc::bad_name ? EX_USAGE : exit_failed);
    } catch (const std::exception& error) {
        return fail(this_program, error.what(), exit_failed);
    }
}
