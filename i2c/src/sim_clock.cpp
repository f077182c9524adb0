#include "sim_clock.hpp"

#include <ctime>
#include <limits>
#include <thread>

namespace resourcelock::sim {

namespace {

constexpr instant last_instant = std::numeric_limits<instant>::max() / 2;

instant machine_time() noexcept
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return nanoseconds(std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec});
}

} // namespace

bus_clock::bus_clock() noexcept : offset_{-machine_time()} {}

instant bus_clock::now() const noexcept { return stopped_ != 0 ? stopped_at_ : machine_time() + offset_; }

void bus_clock::stop() noexcept
{
    stopped_at_ = now();
    stopped_ = 1;
}

void bus_clock::start() noexcept
{
    if (stopped_ != 0)
        offset_ = stopped_at_ - machine_time();
    stopped_ = 0;
}

bool bus_clock::advance(instant duration) noexcept
{
    if (duration > last_instant - now())
        return false;
    (stopped_ != 0 ? stopped_at_ : offset_) += duration;
    return true;
}

void bus_clock::pass(instant duration) noexcept
{
    if (stopped_ == 0)
        std::this_thread::sleep_for(std::chrono::nanoseconds{duration});
    else
        static_cast<void>(advance(duration)); // at its end, time stands still
}

} // namespace resourcelock::sim
