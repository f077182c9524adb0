#include "lock_history.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace resourcelock::cli {

namespace {

using nanoseconds = std::chrono::nanoseconds;
using kind = log_event::kind;

struct hold {
    std::size_t lane;
    nanoseconds from;
    std::string text;
    std::optional<nanoseconds> to; ///< as its own log says
    bool released = false;         ///< by itself; otherwise it found at `to` that it had lost the lock
    bool recovered = false;
    std::optional<nanoseconds> forced_at;
};

/// Reads the log of one program from its beginning to its end.
class lane_reader {
public:
    lane_reader(std::size_t number, lane& result, std::vector<hold>& holds)
        : number_{number}, result_{result}, holds_{holds}
    {}

    void read(const log_event& event)
    {
        switch (event.what) {
        case kind::requested:
            request(event);
            break;
        case kind::granted:
            end_wait(event.time);
            open_.push_back(holds_.size());
            holds_.push_back({number_, event.time, event.text, {}, false, false, {}});
            break;
        case kind::recovered:
            if (!open_.empty()) { // the holds before it were another process's, which has died
                open_.erase(open_.begin(), open_.end() - 1);
                auto& grant = holds_[open_.back()];
                grant.recovered = true;
                result_.recoveries.push_back({grant.from, "got the lock from a holder that had died"});
            }
            break;
        case kind::timed_out:
            result_.timeouts.push_back({event.time, "timed out while it was held: " + event.text});
            [[fallthrough]];
        case kind::failed:
            end_wait(event.time);
            break;
        case kind::force_released:
            result_.forced_releases.push_back({event.time, "released the lock by force: " + event.text});
            break;
        case kind::released:
        case kind::not_held:
            end_hold(event);
            break;
        }
        last_ = event.time;
    }

    /// Nobody knows what became of those who still wait.
    void finish(nanoseconds end)
    {
        if (waiting_ > 0)
            result_.waits.push_back({since_, end, text_ + " (its end is not in the log)"});
    }

private:
    void request(const log_event& event)
    {
        if (process_ && *process_ != event.process) { // a new process writes the same file
            if (std::exchange(waiting_, 0) > 0)
                result_.waits.push_back({since_, last_, text_ + " (its process ended)"});
            open_.clear();
        }
        process_ = event.process;
        if (waiting_++ == 0) {
            since_ = event.time;
            text_ = event.text;
        }
    }

    void end_wait(nanoseconds when)
    {
        if (waiting_ > 0 && --waiting_ == 0)
            result_.waits.push_back({since_, when, text_});
    }

    /// A thread may log its release after another one's grant: the oldest hold ends first.
    void end_hold(const log_event& event)
    {
        if (open_.empty())
            return;
        auto& ended = holds_[open_.front()];
        open_.pop_front();
        ended.to = event.time;
        ended.released = event.what == kind::released;
    }

    std::size_t number_;
    lane& result_;
    std::vector<hold>& holds_;
    std::deque<std::size_t> open_; // of holds_, that the log has not ended yet
    std::optional<std::string> process_;
    int waiting_ = 0; // threads
    nanoseconds since_{};
    std::string text_;
    nanoseconds last_{};
};

/// Which hold a forced release ended: the last one before it. When that was given back by itself, the next
/// holder was faster to log its grant than this one its release, and it is the one before.
hold* ended_by(nanoseconds forced, std::vector<hold>& holds)
{
    auto after = std::ranges::upper_bound(holds, forced, {}, &hold::from);
    for (int looks = 2; looks > 0 && after != holds.begin(); --looks)
        if (auto& last = *--after; !last.released)
            return &last;
    return nullptr;
}

/// \param next grant after it, or nullptr
void add_to_lane(const hold& one, const hold* next, lock_history& history)
{
    auto& lane = history.lanes[one.lane];
    auto to = next != nullptr ? next->from : history.to;
    for (const auto end : {one.to, one.forced_at})
        to = std::min(to, end.value_or(to));
    if (one.forced_at)
        lane.holds.push_back({one.from, to, one.text + " (ended by a forced release)"});
    else if (one.to)
        lane.holds.push_back(
            {one.from, to, one.text + (one.released ? "" : " (lost before it was given back)")});
    else if (next != nullptr && next->recovered)
        lane.dead_holds.push_back({one.from, to, one.text});
    else
        lane.holds.push_back({one.from, to, one.text + " (its end is not in the log)"});
}

} // namespace

lock_history history_of(const std::vector<lane_log>& logs)
{
    lock_history history{nanoseconds::max(), nanoseconds::min(), std::vector<lane>(logs.size())};
    for (const auto& log : logs) {
        history.from = std::min(history.from, log.events.front().time);
        history.to = std::max(history.to, log.events.back().time);
    }
    std::vector<hold> holds;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        history.lanes[i].name = logs[i].name;
        lane_reader reader{i, history.lanes[i], holds};
        for (const auto& event : logs[i].events)
            reader.read(event);
        reader.finish(history.to);
    }
    std::ranges::stable_sort(holds, {}, &hold::from);
    for (const auto& lane : history.lanes)
        for (const auto& forced : lane.forced_releases)
            if (auto* const ended = ended_by(forced.at, holds))
                ended->forced_at = std::min(forced.at, ended->forced_at.value_or(forced.at));
    for (std::size_t i = 0; i < holds.size(); ++i)
        add_to_lane(holds[i], i + 1 < holds.size() ? &holds[i + 1] : nullptr, history);
    return history;
}

} // namespace resourcelock::cli
