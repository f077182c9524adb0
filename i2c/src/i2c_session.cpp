#include <resourcelock/i2c_bus.hpp>

#include <spdlog/spdlog.h>

namespace resourcelock {

i2c_session::~i2c_session()
{
    if (!holds_)
        return;
    bus_.unlock();
    report_if_too_long();
}

void i2c_session::yield(const session_options& options)
{
    std::error_code error;
    yield(options, error);
    throw_if(error, std::nullopt);
}

void i2c_session::yield(const session_options& options, std::error_code& error) noexcept
{
    error = holds_ ? bus_.check_hold() : make_error_code(i2c_errc::hold_lost);
    if (!holds_ || (!error && !bus_.holds_once()))
        return;
    bus_.unlock();
    report_if_too_long();
    if (!error)
        error = bus_.take(options);
    holds_ = !error;
    began_ = std::chrono::steady_clock::now();
    max_hold_ = options.max_hold;
}

void i2c_session::repeat(const i2c_retry& policy, const std::function<void(i2c_session&)>& steps)
{
    for (i2c_attempts attempts{policy};;) {
        try {
            return steps(*this);
        } catch (const std::system_error& error) {
            if (!attempts.again(error.code()))
                throw;
        }
    }
}

void i2c_session::report_if_too_long() const noexcept
try {
    const auto held = std::chrono::steady_clock::now() - began_;
    if (!max_hold_ || held <= *max_hold_)
        return;
    const auto in_ms = [](std::chrono::nanoseconds time) {
        return std::chrono::duration<double, std::milli>{time}.count();
    };
    if (const auto logger = spdlog::get("resourcelock"))
        logger->warn("{} was held for {:.1f} ms by a session that meant to hold it for {:.1f} ms at most",
                     bus_.name(), in_ms(held), in_ms(*max_hold_));
} catch (...) { // a report is not worth more than the program
}

std::error_code i2c_session::do_transfer(std::span<const i2c_message> messages, splitting allowed) noexcept
{
    return holds_ ? bus_.do_transfer(messages, allowed) : make_error_code(i2c_errc::hold_lost);
}

std::error_code i2c_session::do_smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    return holds_ ? bus_.do_smbus(call, block_size) : make_error_code(i2c_errc::hold_lost);
}

std::string i2c_session::explain(std::error_code error, std::optional<i2c_address> address) const
{
    return bus_.explain(error, address);
}

} // namespace resourcelock
