#include <resourcelock/resource_lock.hpp>

#include "info_text.hpp"
#include "lock_name.hpp"
#include "lock_protocol.hpp"
#include "logging.hpp"

#include <fmt/format.h>

namespace resourcelock {

namespace {

template <class... Arguments>
inline void log(const char* function, fmt::format_string<Arguments...> format,
                Arguments&&... arguments) noexcept
{
    log_debug(loggers::all().lock, function,
              [&] { return fmt::format(format, std::forward<Arguments>(arguments)...); });
}

const char* python_bool(bool value) { return value ? "True" : "False"; }

void throw_if(const std::error_code& error, const std::string& lockname)
{
    if (error)
        throw std::system_error{error, fmt::format("lock <{}>", lockname)};
}

} // namespace

resource_lock::resource_lock(std::string_view lockname, const lock_options& options)
    : lockname_{checked_lock_name(lockname)}, protocol_{std::make_unique<lock_protocol>(lockname_, options)}
{}

resource_lock::~resource_lock()
{
    if (protocol_ && !protocol_->inherited())
        protocol_->release();
}

void resource_lock::close()
{
    if (!protocol_)
        return;
    if (!protocol_->inherited())
        protocol_->release();
    protocol_.reset();
    log("close", "<{}> semaphore closed", lockname_);
}

/// The protocol, or nullptr with the reason why this object must not be used.
lock_protocol* resource_lock::usable(std::error_code& error) const noexcept
{
    error.clear();
    if (!protocol_)
        error = lock_errc::closed;
    else if (protocol_->inherited())
        error = lock_errc::used_after_fork;
    return error ? nullptr : protocol_.get();
}

bool resource_lock::get_lock(const get_options& options, std::error_code& error) noexcept
{
    auto* const protocol = usable(error);
    if (protocol == nullptr)
        return false;
    const auto text = [&] { return printable(protocol->info()); };
    if (options.same_process_ok && protocol->holds()) {
        log_debug(loggers::all().lock, "get_lock", [&] {
            return fmt::format("<{}> lock already acquired   - Prior grant     <{}>", lockname_, text());
        });
        return true;
    }
    patience wait{options.timeout, options.stop};
    switch (protocol->acquire(options.lock_info, wait)) {
    case lock_protocol::grant::acquired:
        log_debug(loggers::all().lock, "get_lock", [&] {
            return fmt::format("<{}> lock request successful - Granted         <{}>", lockname_, text());
        });
        return true;
    case lock_protocol::grant::replaced:
        error = lock_errc::lock_replaced;
        return false;
    case lock_protocol::grant::timed_out:
        break;
    }
    log_debug(loggers::all().lock, "get_lock", [&] {
        return fmt::format("<{}> lock request timed out  - Current owner   <{}>", lockname_, text());
    });
    return false;
}

bool resource_lock::get_lock(const get_options& options)
{
    std::error_code error;
    const bool got = get_lock(options, error);
    throw_if(error, lockname_);
    return got;
}

bool resource_lock::unget_lock(const unget_options& options, std::error_code& error) noexcept
{
    auto* const protocol = usable(error);
    if (protocol == nullptr)
        return false;
    const auto log_line = [&](const char* what) {
        log_debug(loggers::all().lock, "unget_lock", [&] {
            return fmt::format("<{}> {}  <{}>", lockname_, what, printable(options.where_called));
        });
    };
    bool released = protocol->release();
    if (released) {
        log_line("lock released");
    } else if (options.force && protocol->release_by_force()) {
        released = true;
        log_line("lock force released");
    } else if (!protocol->is_locked()) {
        log_line("Extraneous lock unget request ignored");
    } else if (options.force) {
        log_line("lock unget request ignored - lock is just being taken or released");
    } else {
        log_line("lock unget request ignored - lock not owned by current process");
    }
    if (protocol->replaced_as_of_this_tick())
        error = lock_errc::lock_replaced;
    return released;
}

bool resource_lock::unget_lock(const unget_options& options)
{
    std::error_code error;
    const bool released = unget_lock(options, error);
    throw_if(error, lockname_);
    return released;
}

bool resource_lock::is_locked() const
{
    std::error_code error;
    auto* const protocol = usable(error);
    if (protocol != nullptr && protocol->replaced_as_of_this_tick())
        error = lock_errc::lock_replaced;
    throw_if(error, lockname_);
    protocol->reap();
    const bool locked = protocol->is_locked();
    log_debug(loggers::all().is_locked, "is_locked", [&] {
        return fmt::format("<{}> is currently locked?  <{}>  Prior info  <{}>", lockname_,
                           python_bool(locked), printable(protocol->info()));
    });
    return locked;
}

int resource_lock::lock_value() const
{
    std::error_code error;
    const auto* const protocol = usable(error);
    throw_if(error, lockname_);
    const int value = protocol->value();
    log("lock_value", "<{}> semaphore = {}", lockname_, value);
    return value;
}

std::string resource_lock::get_lock_info() const
{
    std::error_code error;
    const auto* const protocol = usable(error);
    throw_if(error, lockname_);
    return protocol->info();
}

void resource_lock::set_lock_info(std::string_view text, std::error_code& error) noexcept
{
    if (auto* const protocol = usable(error); protocol != nullptr && !protocol->set_info(text))
        error = lock_errc::not_the_holder;
}

void resource_lock::set_lock_info(std::string_view text)
{
    std::error_code error;
    set_lock_info(text, error);
    throw_if(error, lockname_);
}

lock_state resource_lock::state() const
{
    std::error_code error;
    auto* const protocol = usable(error);
    if (protocol != nullptr && protocol->replaced_as_of_this_tick())
        error = lock_errc::lock_replaced;
    throw_if(error, lockname_);
    protocol->reap();
    return protocol->state();
}

bool resource_lock::detach()
{
    std::error_code error;
    auto* const protocol = usable(error);
    throw_if(error, lockname_);
    return protocol->detach();
}

void resource_lock::check_hold(std::error_code& error) const noexcept
{
    auto* const protocol = usable(error);
    if (protocol == nullptr)
        return;
    if (protocol->replaced())
        error = lock_errc::lock_replaced;
    else if (!protocol->holds())
        error = lock_errc::lock_lost;
}

bool resource_lock::I_have_the_lock() const noexcept
{
    std::error_code error;
    auto* const protocol = usable(error);
    return protocol != nullptr && protocol->holds();
}

bool resource_lock::recovered() const noexcept { return protocol_ && protocol_->recovered(); }

void resource_lock::lock() { static_cast<void>(get_lock({.timeout = std::nullopt})); }

void resource_lock::unlock() noexcept
{
    std::error_code ignored; // the guard that calls has no use for it; the next lock() tells
    unget_lock({}, ignored);
}

} // namespace resourcelock
