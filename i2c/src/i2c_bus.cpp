#include <resourcelock/i2c_bus.hpp>

#include "bus_hold.hpp"
#include "bus_name.hpp"
#include "checks.hpp"
#include "explain.hpp"
#include "kernel_adapter.hpp"
#include "sim_bus.hpp"

#include <cerrno>

namespace resourcelock {

namespace {

bus_identity with_lock_name(bus_identity bus, const std::string& lock_name)
{
    if (!lock_name.empty())
        bus.lock_name = lock_name;
    return bus;
}

std::unique_ptr<adapter> open_adapter(const bus_identity& bus, bool force)
{
    if (bus.number)
        return std::make_unique<kernel_adapter>(bus, force);
    return std::make_unique<sim_bus>(bus.name.substr(std::string_view{"sim:"}.size()));
}

} // namespace

class i2c_bus::implementation {
public:
    implementation(bus_identity which, const bus_options& options)
        : identity{std::move(which)},
          timeout{options.timeout},
          lock_info{options.lock_info.empty() ? program_invocation_short_name : options.lock_info},
          device{open_adapter(identity, options.force)},
          hold{identity.lock_name, identity.lock}
    {}

    /// One transaction: inside the calling thread's session, or with the lock for itself alone.
    template <class Transaction>
    std::error_code run(Transaction transaction) noexcept
    {
        const bool in_session = hold.is_mine();
        if (!in_session) {
            if (const auto error = take({.timeout = timeout, .lock_info = lock_info}))
                return error;
        }
        auto error = hold.check();
        if (!error)
            error = transaction(*device);
        if (!in_session)
            give_back();
        return error;
    }

    std::error_code take(const get_options& options) noexcept
    {
        const auto error = hold.take(options);
        if (!error && hold.is_outermost())
            device->hold_began();
        return error;
    }

    void give_back() noexcept
    {
        if (hold.is_outermost())
            device->hold_ended();
        hold.give_back();
    }

    bus_identity identity;
    wait_limit timeout;
    std::string lock_info;
    std::unique_ptr<adapter> device;
    bus_hold hold;
};

i2c_bus::i2c_bus(std::string_view bus, const bus_options& options)
    : implementation_{
          std::make_unique<implementation>(with_lock_name(identify_bus(bus), options.lock_name), options)}
{}

i2c_bus::~i2c_bus() = default;

const std::string& i2c_bus::name() const noexcept { return implementation_->identity.name; }

const std::string& i2c_bus::lock_name() const noexcept { return implementation_->hold.lock().lockname(); }

std::error_code i2c_bus::do_transfer(std::span<const i2c_message> messages) noexcept
{
    if (const auto error = check_limits(messages, implementation_->device->limits()))
        return error;
    return implementation_->run([messages](adapter& device) { return device.transfer(messages); });
}

std::error_code i2c_bus::do_smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    if (const auto error = check_limits(call, implementation_->device->limits()))
        return error;
    return implementation_->run([&](adapter& device) { return device.smbus(call, block_size); });
}

std::string i2c_bus::explain(std::error_code error, std::optional<i2c_address> address) const
{
    return resourcelock::explain(error, implementation_->identity, address, implementation_->hold.lock());
}

std::error_code i2c_bus::take(const session_options& options) noexcept
{
    const std::string_view info = options.lock_info.empty() ? implementation_->lock_info : options.lock_info;
    return implementation_->take({.timeout = options.timeout, .lock_info = info, .stop = options.stop});
}

i2c_session i2c_bus::session(const session_options& options)
{
    throw_if(take(options), std::nullopt);
    return {*this, true};
}

i2c_session i2c_bus::session(const session_options& options, std::error_code& error) noexcept
{
    error = take(options);
    return {*this, !error};
}

void i2c_bus::lock() { throw_if(take({.timeout = std::nullopt}), std::nullopt); }

bool i2c_bus::try_lock_within(wait_limit timeout)
{
    const auto error = take({.timeout = timeout});
    if (error == i2c_errc::lock_timeout)
        return false;
    throw_if(error, std::nullopt);
    return true;
}

void i2c_bus::unlock() noexcept { implementation_->give_back(); }

i2c_session::~i2c_session()
{
    if (holds_)
        bus_.unlock();
}

std::error_code i2c_session::do_transfer(std::span<const i2c_message> messages) noexcept
{
    return holds_ ? bus_.do_transfer(messages) : make_error_code(i2c_errc::hold_lost);
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
