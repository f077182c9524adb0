#include "bus_hold.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace resourcelock {

namespace {

using clock = std::chrono::steady_clock;
using deadline = std::optional<clock::time_point>; // none: never

deadline end_of(wait_limit limit) noexcept
{
    const auto now = clock::now();
    const auto duration = limit.duration();
    return duration && *duration < clock::time_point::max() - now ? deadline{now + *duration} : std::nullopt;
}

wait_limit until(deadline end) noexcept
{
    return end ? wait_limit{*end - clock::now()} : wait_limit{std::nullopt};
}

/// In slices, because a mutex cannot wait for a stop request.
bool enter(std::timed_mutex& door, deadline end, const std::stop_token& stop) noexcept
{
    while (!door.try_lock()) {
        const auto slice = clock::now() + std::chrono::milliseconds{5};
        if (door.try_lock_until(end ? std::min(*end, slice) : slice))
            return true;
        if (stop.stop_requested() || (end && clock::now() >= *end))
            return false;
    }
    return true;
}

} // namespace

std::error_code bus_hold::take(const get_options& options) noexcept
{
    if (is_mine()) {
        const auto error = check();
        if (!error)
            ++depth_;
        return error;
    }
    const auto end = end_of(options.timeout);
    if (!enter(queue_, end, options.stop))
        return make_error_code(i2c_errc::lock_timeout);
    const bool my_turn = enter(turn_, end, options.stop);
    queue_.unlock();
    if (!my_turn)
        return make_error_code(i2c_errc::lock_timeout);

    auto remaining = options;
    remaining.timeout = until(end);
    std::error_code error;
    if (!lock_.get_lock(remaining, error)) {
        turn_.unlock();
        return error ? error : make_error_code(i2c_errc::lock_timeout);
    }
    depth_ = 1;
    holder_ = std::this_thread::get_id();
    return {};
}

void bus_hold::give_back() noexcept
{
    if (!is_mine() || --depth_ > 0)
        return;
    holder_ = std::thread::id{};
    // A hold that was lost or replaced meanwhile is nobody's to release; whoever used it has heard of that.
    std::error_code ignored;
    lock_.unget_lock({}, ignored);
    turn_.unlock();
}

std::error_code bus_hold::check() const noexcept
{
    std::error_code error;
    lock_.check_hold(error);
    return error;
}

} // namespace resourcelock
