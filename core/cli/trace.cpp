#include "trace.hpp"

#include "iso_time.hpp"
#include "local_time.hpp"
#include "lock_look.hpp"
#include "lock_name.hpp"
#include "lock_row.hpp"
#include "output.hpp"
#include "state_lines.hpp"
#include "stopping.hpp"

#include <resourcelock/resource_lock.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>
#include <string>

namespace resourcelock::cli {

namespace {

/// Returns true when the trace is to end.
bool pause_for(seconds duration, const std::stop_token& stop)
{
    constexpr seconds look_at_reader{0.25};
    for (auto left = duration; left > seconds{0}; left -= look_at_reader)
        if (sleep_for(std::min(left, look_at_reader), stop) || reader_has_gone())
            return true;
    return false;
}

/// What is told of a look; it says how often it changed, too.
struct change {
    std::vector<cell> row;
    std::string what; ///< differs from that of every other hold

    explicit change(const lock_case& seen) : row{lock_row(seen, std::nullopt)}
    {
        what = fmt::format("{} {} {}", text_of(lock_column::state), text_of(lock_column::pid),
                           seen.evidence.info);
    }

    [[nodiscard]] const std::string& text_of(std::size_t column) const { return row[column].text; }
    [[nodiscard]] std::string text(const std::timespec& when) const
    {
        const auto time = local_time(when.tv_sec) + thousandths(when);
        auto line =
            fmt::format("{} {:<9} {:>7} {:<15} {}", time, text_of(lock_column::state),
                        text_of(lock_column::pid), text_of(lock_column::command), text_of(lock_column::info));
        return line.erase(line.find_last_not_of(' ') + 1);
    }
    [[nodiscard]] std::string json(const std::timespec& when) const
    {
        auto object = nlohmann::ordered_json{{"time", iso_time(when.tv_sec).insert(19, thousandths(when))}};
        object.update(lock_object(row));
        for (const auto* const of_a_moment : {"held", "waiters", "mode"})
            object.erase(of_a_moment);
        return json_text(object);
    }
};

} // namespace

void trace(const request& asked, const std::stop_token& stop)
{
    const auto update = asked.update.value_or(seconds{0.5});
    std::optional<resource_lock> lock;
    for (;;) {
        try {
            if (!lock)
                lock.emplace(asked.name);
            if (!say_state(*lock, asked.verbosity))
                return;
        } catch (const std::system_error& error) {
            if (error.code() != lock_errc::lock_replaced)
                throw;
            lock.reset(); // somebody removed its files: from now on, show the lock that others open
            continue;
        }
        if (pause_for(update, stop))
            return;
    }
}

void trace_changes(const request& asked, const std::stop_token& stop)
{
    const auto name = checked_lock_name(asked.name);
    const auto update = asked.update.value_or(seconds{0.01});
    std::optional<std::string> last;
    do {
        auto seen = steady_look(name);
        if (!seen.evidence.complete()) // somebody is making or removing it
            seen.evidence = {};
        // In the middle of somebody's acquire it looks as if one without a record had it.
        if (!seen.steady && seen.holder() == holder_kind::python)
            continue;
        const change now{seen};
        if (now.what == last)
            continue;
        last = now.what;
        std::timespec when{};
        clock_gettime(CLOCK_REALTIME, &when);
        if (!say(asked.json ? now.json(when) : now.text(when)))
            return;
    } while (!pause_for(update, stop));
}

} // namespace resourcelock::cli
