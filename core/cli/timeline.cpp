#include "timeline.hpp"

#include "lock_history.hpp"
#include "lock_log_file.hpp"
#include "lock_name.hpp"
#include "output.hpp"
#include "timeline_picture.hpp"
#include "whole_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace resourcelock::cli {

namespace {

using nanoseconds = std::chrono::nanoseconds;

/// The file's name without its extension, or all of its path where several have the same.
std::string lane_name(const std::string& path, const std::vector<std::string>& all)
{
    const auto stem = [](const std::string& of) { return std::filesystem::path{of}.stem(); };
    return std::ranges::count(all, stem(path), stem) == 1 ? stem(path).string() : path;
}

/// \param after the beginning of the history
nanoseconds time_in(const lock_history& history, seconds after)
{
    const auto length = seconds{history.to - history.from};
    return history.from + std::chrono::duration_cast<nanoseconds>(std::min(after, length));
}

} // namespace

void draw_timeline(const request& asked)
{
    const auto name = checked_lock_name(asked.name);
    std::vector<lane_log> logs;
    for (const auto& path : asked.logs)
        logs.push_back({lane_name(path, asked.logs), read_lock_log(path, name)});
    const auto history = history_of(logs);
    const auto from = time_in(history, asked.from);
    const auto to = asked.to ? time_in(history, *asked.to) : history.to;
    if (asked.from > seconds{0} && from >= history.to)
        throw std::runtime_error{fmt::format("the logs of lock <{}> are over after {} s: --from must be less",
                                             name, seconds{history.to - history.from}.count())};
    constexpr std::chrono::microseconds shortest{10};
    const auto picture = timeline_picture(name, history, from, std::max<nanoseconds>(to, from + shortest));
    if (asked.output == "-")
        print(picture);
    else
        write_whole_file(asked.output, picture);
}

} // namespace resourcelock::cli
