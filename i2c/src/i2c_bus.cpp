#include <resourcelock/i2c_bus.hpp>

#include "bus_hold.hpp"
#include "bus_name.hpp"
#include "checks.hpp"
#include "explain.hpp"
#include "kernel_adapter.hpp"
#include "sending.hpp"
#include "shared_names.hpp"
#include "sim_bus.hpp"
#include "smbus_equivalent.hpp"
#include "sysfs.hpp"
#include "touch_table.hpp"

#include <cerrno>

namespace resourcelock {

namespace {

bus_identity with_lock_name(bus_identity bus, const std::string& lock_name)
{
    if (!lock_name.empty())
        bus.lock_name = lock_name.starts_with('/') ? lock_name.substr(1) : lock_name; // both name one lock
    return bus;
}

std::unique_ptr<adapter> open_adapter(const bus_identity& bus, bool force)
{
    if (bus.number)
        return std::make_unique<kernel_adapter>(bus, force);
    return std::make_unique<sim_bus>(bus.name.substr(shared_names::simulation.size()));
}

} // namespace

class i2c_bus::implementation {
public:
    /// A bus that other programs have too.
    implementation(bus_identity which, const bus_options& options, const adapter_wrapper& wrap)
        : implementation{std::move(which), options}
    {
        device = wrap(open_adapter(identity, options.force));
        hold = bus_hold::of_lock(identity.lock_name, identity.lock);
        touched.emplace(identity.lock_name, identity.lock);
    }

    /// One that they do not.
    implementation(bus_identity which, const bus_options& options, std::unique_ptr<adapter> its_device)
        : implementation{std::move(which), options}
    {
        device = std::move(its_device);
        hold = std::make_shared<bus_hold>();
        touched.emplace();
    }

    /// Does a transaction: inside the calling thread's session, or with the lock for itself alone, and there
    /// again where the policy allows.
    template <class Transaction>
    std::error_code run(bool reads, Transaction transaction) noexcept
    {
        if (hold->is_mine())
            return run_once(transaction);
        if (const auto error = hold->take({.timeout = timeout, .lock_info = lock_info}))
            return error;
        i2c_attempts attempts{reads ? retry : retry.for_writes()};
        std::error_code error;
        do
            error = run_once(transaction);
        while (attempts.again(error));
        hold->give_back();
        return error;
    }

    bus_identity identity;
    wait_limit timeout;
    std::string lock_info;
    i2c_retry retry;
    std::unique_ptr<adapter> device;
    std::shared_ptr<bus_hold> hold;
    std::optional<touch_table> touched;

private:
    implementation(bus_identity which, const bus_options& options)
        : identity{std::move(which)},
          timeout{options.timeout},
          lock_info{options.lock_info.empty() ? program_invocation_short_name : options.lock_info},
          retry{options.retry}
    {}

    template <class Transaction>
    std::error_code run_once(Transaction& transaction) noexcept
    {
        if (const auto error = hold->check())
            return error;
        if (std::exchange(last_hold_, hold->number()) != hold->number())
            device->hold_began();
        return transaction();
    }

    unsigned last_hold_ = 0; // in which this object had a transaction
};

i2c_bus::i2c_bus(std::string_view bus, const bus_options& options)
    : i2c_bus{bus, options, [](std::unique_ptr<adapter> device) { return device; }}
{}

i2c_bus::i2c_bus(std::string_view bus, const bus_options& options, const adapter_wrapper& wrap)
    : implementation_{std::make_unique<implementation>(with_lock_name(identify_bus(bus), options.lock_name),
                                                       options, wrap)}
{}

i2c_bus::i2c_bus(std::unique_ptr<adapter> device, bus_identity identity, const bus_options& options)
    : implementation_{std::make_unique<implementation>(std::move(identity), options, std::move(device))}
{}

i2c_bus::~i2c_bus() = default;

const std::string& i2c_bus::name() const noexcept { return implementation_->identity.name; }

const std::string& i2c_bus::lock_name() const noexcept { return implementation_->identity.lock_name; }

const std::string& i2c_bus::adapter_name() const noexcept { return implementation_->identity.adapter_name; }

unsigned long i2c_bus::functionality() const noexcept
{
    return implementation_->device->limits().functionality;
}

std::optional<std::uint32_t> i2c_bus::clock_hz() const noexcept { return implementation_->identity.clock_hz; }

std::chrono::microseconds i2c_bus::estimate_duration(std::span<const i2c_message> messages) const noexcept
{
    return wire_time(messages, implementation_->device->limits().clock_hz);
}

std::optional<std::string> i2c_bus::is_address_in_use(i2c_address address) const
{
    if (!address.valid() || address.is_ten_bit() || !implementation_->device->is_owned(address))
        return std::nullopt;
    const auto number = implementation_->identity.number;
    return number ? sysfs::driver_of(*number, address.value(), "/sys") : std::string{};
}

std::optional<std::uint32_t> i2c_bus::touches(i2c_address address) const noexcept
{
    return implementation_->touched->count(address);
}

std::error_code i2c_bus::do_transfer(std::span<const i2c_message> messages, splitting allowed) noexcept
{
    auto& bus = *implementation_;
    if (const auto error = check_limits(messages, bus.device->limits(), allowed))
        return error;
    return bus.run(messages.back().is_read(), [&bus, rest = messages, allowed]() mutable {
        for (const auto& message : rest)
            bus.touched->touch(message.address());
        return send(*bus.device, rest, allowed);
    });
}

std::error_code i2c_bus::do_smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    auto& bus = *implementation_;
    if (const auto error = check_limits(call, bus.device->limits()))
        return error;
    return bus.run(call.is_read, [&] {
        bus.touched->touch(call.address);
        return bus.device->smbus(call, block_size);
    });
}

std::string i2c_bus::explain(std::error_code error, std::optional<i2c_address> address) const
{
    return resourcelock::explain(error, implementation_->identity, address, implementation_->hold->lock());
}

std::error_code i2c_bus::take(const session_options& options) noexcept
{
    const std::string_view info = options.lock_info.empty() ? implementation_->lock_info : options.lock_info;
    return implementation_->hold->take({.timeout = options.timeout, .lock_info = info, .stop = options.stop});
}

i2c_session i2c_bus::session(const session_options& options)
{
    throw_if(take(options), std::nullopt);
    return {*this, true, options};
}

i2c_session i2c_bus::session(const session_options& options, std::error_code& error) noexcept
{
    error = take(options);
    return {*this, !error, options};
}

void i2c_bus::repeat(const session_options& options, const std::function<void(i2c_session&)>& steps)
{
    auto held = session(options);
    held.repeat(if_outermost(options.retry), steps);
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

void i2c_bus::unlock() noexcept { implementation_->hold->give_back(); }

session_options i2c_bus::as_a_transaction() const noexcept
{
    return {.timeout = implementation_->timeout, .retry = implementation_->retry};
}

bool i2c_bus::holds_once() const noexcept { return implementation_->hold->is_outermost(); }

i2c_retry i2c_bus::if_outermost(const i2c_retry& policy) const noexcept
{
    return holds_once() ? policy : i2c_retry::none();
}

std::error_code i2c_bus::check_hold() const noexcept { return implementation_->hold->check(); }

} // namespace resourcelock
