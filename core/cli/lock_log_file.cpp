#include "lock_log_file.hpp"

#include "utf8.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace resourcelock::cli {

namespace {

using nanoseconds = std::chrono::nanoseconds;
using kind = log_event::kind;

constexpr std::array<std::pair<std::string_view, kind>, 9> known_words{{
    {"lock requested ", kind::requested},
    {"lock request successful ", kind::granted},
    {"lock recovered ", kind::recovered},
    {"lock request timed out ", kind::timed_out},
    {"lock request failed ", kind::failed},
    {"lock released ", kind::released},
    {"lock force released ", kind::force_released},
    {"Extraneous lock unget request ignored ", kind::not_held},
    {"lock unget request ignored - lock not owned ", kind::not_held},
}};

std::optional<int> digits(std::string_view text)
{
    int value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || value < 0)
        return std::nullopt;
    return value;
}

/// The time at the head of a line.
std::optional<nanoseconds> time_of(std::string_view line)
{
    constexpr std::string_view form = "[dddd-dd-dd dd:dd:dd.";
    const auto fits = [](char expected, char found) {
        return expected == 'd' ? found >= '0' && found <= '9' : expected == found;
    };
    if (line.size() < form.size() || !std::equal(form.begin(), form.end(), line.begin(), fits))
        return std::nullopt;
    const auto behind = line.substr(form.size());
    const auto fraction = behind.substr(0, behind.find(']'));
    if (fraction.size() == behind.size() ||
        (fraction.size() != 3 && fraction.size() != 6 && fraction.size() != 9))
        return std::nullopt;
    const auto parts = digits(fraction);
    if (!parts)
        return std::nullopt;

    const auto number = [&](std::size_t from, std::size_t size) { return *digits(line.substr(from, size)); };
    using namespace std::chrono;
    const year_month_day day{year{number(1, 4)}, month{static_cast<unsigned>(number(6, 2))},
                             std::chrono::day{static_cast<unsigned>(number(9, 2))}};
    const hours hour{number(12, 2)};
    const minutes minute{number(15, 2)};
    const seconds second{number(18, 2)};
    const bool nanoseconds_reach_it = day.year() >= 1970y && day.year() <= 2261y;
    if (!day.ok() || !nanoseconds_reach_it || hour > 23h || minute > 59min || second > 60s)
        return std::nullopt;
    const auto unit = fraction.size() == 3 ? nanoseconds{1ms} : fraction.size() == 6 ? nanoseconds{1us} : 1ns;
    return sys_days{day}.time_since_epoch() + hour + minute + second + *parts * unit;
}

/// What a line says of the lock whose name stands in `mark`. Only the first such words are the library's own;
/// those behind them are somebody's text.
std::optional<log_event> event_in(std::string_view line, std::string_view mark)
{
    for (auto at = line.find(mark); at != std::string_view::npos; at = line.find(mark, at + 1)) {
        const auto words = line.substr(at + mark.size());
        const auto* const known = std::ranges::find_if(
            known_words, [&](const auto& each) { return words.starts_with(each.first); });
        if (known == known_words.end())
            continue;
        const auto begin = words.find('<');
        const auto end = words.rfind('>');
        log_event found{{}, known->second, {}, {}};
        if (begin < end && end != std::string_view::npos)
            found.text = words.substr(begin + 1, end - begin - 1);
        constexpr std::string_view before_id = "- Process ";
        if (const auto id = words.find(before_id); found.what == kind::requested && id < begin) {
            const auto from_id = words.substr(id + before_id.size());
            found.process = from_id.substr(0, from_id.find(' '));
        }
        return found;
    }
    return std::nullopt;
}

} // namespace

std::vector<log_event> read_lock_log(const std::string& path, const std::string& lockname)
{
    const auto mark = "<" + printable(lockname) + "> "; // as the library logs it
    std::vector<log_event> events;
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        const auto time = time_of(line);
        auto event = time ? event_in(line, mark) : std::nullopt;
        if (!event)
            continue;
        // Lines of several threads may change places, and somebody may set the clock.
        event->time = events.empty() ? *time : std::max(*time, events.back().time);
        events.push_back(std::move(*event));
    }
    if (!file.eof()) // it could not be opened, or is a folder
        throw std::system_error{errno, std::generic_category(), "cannot read " + path};
    if (events.empty())
        throw std::runtime_error{fmt::format(
            "{} says nothing of lock <{}>: log at level trace into a file, with lines that begin with "
            "[2026-05-01 12:00:00.123456] (man 1 resourcelock, TIMELINE)",
            path, lockname)};
    return events;
}

} // namespace resourcelock::cli
