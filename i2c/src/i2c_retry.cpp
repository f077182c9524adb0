#include <resourcelock/i2c_retry.hpp>

#include <resourcelock/i2c_errc.hpp>

#include <algorithm>
#include <random>
#include <thread>

namespace resourcelock {

namespace {

using namespace std::chrono_literals;

/// Twice as long after each attempt, from 0.2 to 1.6 ms, and up to half of that more or less: programs that
/// failed together try again apart.
std::chrono::nanoseconds pause_after(int attempts) noexcept
{
    static thread_local std::minstd_rand random{static_cast<std::minstd_rand::result_type>(
        std::chrono::steady_clock::now().time_since_epoch().count() ^
        static_cast<std::int64_t>(std::hash<std::thread::id>{}(std::this_thread::get_id())))};
    const std::chrono::nanoseconds middle = 200us * (1 << std::min(attempts, 3));
    return middle / 2 + middle * (random() % 1024) / 1024;
}

} // namespace

bool i2c_attempts::again(std::error_code result) noexcept
{
    bool worth = false;
    if (result == i2c_errc::arbitration_lost)
        worth = left_.after_arbitration_-- > 0;
    else if (result == i2c_errc::io_error || result == i2c_errc::corrupt)
        worth = left_.after_damage_-- > 0;
    else if (result == i2c_errc::no_acknowledge)
        worth = std::chrono::steady_clock::now() < end_of_busy_;
    if (!worth)
        return false;
    std::this_thread::sleep_for(pause_after(made_++));
    return true;
}

} // namespace resourcelock
