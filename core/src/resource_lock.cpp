#include <resourcelock/resource_lock.hpp>

#include "lock_log.hpp"
#include "lock_name.hpp"
#include "lock_protocol.hpp"

#include <spdlog/fmt/fmt.h>

namespace resourcelock {

namespace {

const char* python_bool(bool value) { return value ? "True" : "False"; }

[[noreturn, gnu::cold, gnu::noinline]] void fail(const std::error_code& error, const std::string& lockname)
{
    throw std::system_error{error, fmt::format("lock <{}>", lockname)};
}

/// What a get or an unget did, and what is wrong. A std::error_code is made of it only for those who want
/// one: it costs calls into the C++ library to look up its category.
struct outcome {
    bool done;
    lock_errc error;

    static constexpr lock_errc none{};
};

/// Why an object with this protocol must not be used.
lock_errc why_unusable(const lock_protocol* protocol) noexcept
{
    if (protocol == nullptr)
        return lock_errc::closed;
    return protocol->inherited() ? lock_errc::used_after_fork : outcome::none;
}

/// For the calls that throw.
lock_protocol& checked(lock_protocol* protocol, const std::string& lockname)
{
    if (const auto why = why_unusable(protocol); why != outcome::none)
        fail(why, lockname);
    return *protocol;
}

/// For looks, which free the lock of a dead holder and tell of the lock that others open.
lock_protocol& reaped(lock_protocol* unchecked, const std::string& lockname)
{
    auto& protocol = checked(unchecked, lockname);
    if (protocol.replaced_as_of_this_tick())
        fail(lock_errc::lock_replaced, lockname);
    protocol.reap();
    return protocol;
}

void store(lock_errc found, std::error_code& error) noexcept
{
    if (found == outcome::none)
        error.clear();
    else
        error = found;
}

inline outcome get(lock_protocol* protocol, const std::string& lockname, const get_options& options) noexcept
{
    if (const auto why = why_unusable(protocol); why != outcome::none)
        return {false, why};
    if (options.same_process_ok && protocol->holds()) {
        log_get(lockname, "lock already acquired   - Prior grant     ", *protocol);
        return {true, outcome::none};
    }
    const bool logged = logs(level::info); // the only look at the level on the way to a free lock
    if (logged)
        log_request(lockname, options);
    switch (protocol->acquire(options)) {
    case lock_protocol::grant::acquired:
        if (logged)
            log_grant(lockname, *protocol);
        return {true, outcome::none};
    case lock_protocol::grant::replaced:
        log_replaced(lockname);
        return {false, lock_errc::lock_replaced};
    case lock_protocol::grant::timed_out:
        break;
    }
    log_get(lockname, "lock request timed out  - Current owner   ", *protocol);
    return {false, outcome::none};
}

/// What an unget does about a lock that this object does not hold. Whether it released it.
[[gnu::cold, gnu::noinline]] bool unget_unheld(lock_protocol& protocol, const std::string& lockname,
                                               const unget_options& options) noexcept
{
    const bool released = options.force && protocol.release_by_force();
    if (released)
        log_unget(lockname, "lock force released", options);
    else if (!protocol.is_locked())
        log_unget(lockname, "Extraneous lock unget request ignored", options);
    else if (options.force)
        log_unget(lockname,
                  "lock unget request ignored - just being taken or released, or no file can be opened",
                  options);
    else
        log_unget(lockname, "lock unget request ignored - lock not owned by current process", options);
    return released;
}

inline outcome unget(lock_protocol* protocol, const std::string& lockname,
                     const unget_options& options) noexcept
{
    if (const auto why = why_unusable(protocol); why != outcome::none)
        return {false, why};
    bool released = protocol->release();
    if (!released)
        released = unget_unheld(*protocol, lockname, options);
    else if (logs(level::debug))
        log_unget(lockname, "lock released", options);
    return {released, protocol->replaced_as_of_this_tick() ? lock_errc::lock_replaced : outcome::none};
}

/// An object that goes takes its hold with it.
void end_hold(lock_protocol& protocol, const std::string& lockname) noexcept
{
    if (!protocol.inherited() && protocol.release())
        log(level::trace, "close", "<{}> lock released  <the lock was closed>", lockname);
}

} // namespace

resource_lock::resource_lock(std::string_view lockname, const lock_options& options)
    : lockname_{checked_lock_name(lockname)}, protocol_{std::make_unique<lock_protocol>(lockname_, options)}
{}

resource_lock::~resource_lock()
{
    if (protocol_)
        end_hold(*protocol_, lockname_);
}

void resource_lock::close()
{
    if (!protocol_)
        return;
    end_hold(*protocol_, lockname_);
    protocol_.reset();
    log(level::debug, "close", "<{}> semaphore closed", lockname_);
}

/// The protocol, or nullptr with the reason why this object must not be used.
lock_protocol* resource_lock::usable(std::error_code& error) const noexcept
{
    store(why_unusable(protocol_.get()), error);
    return error ? nullptr : protocol_.get();
}

bool resource_lock::get_lock(const get_options& options, std::error_code& error) noexcept
{
    const auto result = get(protocol_.get(), lockname_, options);
    store(result.error, error);
    return result.done;
}

bool resource_lock::get_lock(const get_options& options)
{
    const auto result = get(protocol_.get(), lockname_, options);
    if (result.error != outcome::none)
        fail(result.error, lockname_);
    return result.done;
}

bool resource_lock::unget_lock(const unget_options& options, std::error_code& error) noexcept
{
    const auto result = unget(protocol_.get(), lockname_, options);
    store(result.error, error);
    return result.done;
}

bool resource_lock::unget_lock(const unget_options& options)
{
    const auto result = unget(protocol_.get(), lockname_, options);
    if (result.error != outcome::none)
        fail(result.error, lockname_);
    return result.done;
}

bool resource_lock::is_locked() const
{
    auto& protocol = reaped(protocol_.get(), lockname_);
    const bool locked = protocol.is_locked();
    log_line(loggers::all().is_locked, level::debug, "is_locked", [&] {
        return fmt::format("<{}> is currently locked?  <{}>  Prior info  <{}>", lockname_,
                           python_bool(locked), protocol.info());
    });
    return locked;
}

int resource_lock::lock_value() const
{
    const int value = checked(protocol_.get(), lockname_).value();
    log(level::debug, "lock_value", "<{}> semaphore = {}", lockname_, value);
    return value;
}

std::string resource_lock::get_lock_info() const { return checked(protocol_.get(), lockname_).info(); }

void resource_lock::set_lock_info(std::string_view text, std::error_code& error) noexcept
{
    if (auto* const protocol = usable(error); protocol != nullptr && !protocol->set_info(text))
        error = lock_errc::not_the_holder;
}

void resource_lock::set_lock_info(std::string_view text)
{
    std::error_code error;
    set_lock_info(text, error);
    if (error)
        fail(error, lockname_);
}

lock_state resource_lock::state() const { return reaped(protocol_.get(), lockname_).state(); }

bool resource_lock::detach() { return checked(protocol_.get(), lockname_).detach(); }

void resource_lock::check_hold(std::error_code& error) const noexcept
{
    auto* const protocol = usable(error);
    if (protocol == nullptr)
        return;
    if (protocol->replaced_as_of_this_tick())
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
    unget(protocol_.get(), lockname_,
          {}); // the guard that calls has no use for an error; the next lock() tells
}

} // namespace resourcelock
