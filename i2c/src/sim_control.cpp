#include <resourcelock/sim_control.hpp>

#include "bus_name.hpp"
#include "lock_name.hpp"
#include "shared_names.hpp"
#include "sim_file.hpp"
#include "sim_transaction_lock.hpp"
#include "utf8.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <cerrno>
#include <mutex>
#include <string>

#include <unistd.h>

namespace resourcelock {

namespace {

constexpr int highest_errno = 4095; // MAX_ERRNO of linux/err.h

[[noreturn]] void refuse(std::error_code error, const std::string& sentence)
{
    throw std::system_error{error, "simulated bus: " + sentence};
}

[[noreturn]] void refuse(int error, const std::string& sentence)
{
    refuse({error, std::system_category()}, sentence);
}

/// The NAME of "sim:NAME".
std::string name_of(std::string_view bus)
{
    if (!bus.starts_with(shared_names::simulation))
        throw std::system_error{make_error_code(i2c_errc::bad_bus),
                                "'" + printable(bus) + "' is no simulated bus: those are sim:NAME"};
    return identify_bus(bus).name.substr(shared_names::simulation.size());
}

void check(const sim_fault& fault)
{
    if (fault.error < 0 || fault.error > highest_errno)
        refuse(EINVAL, "a fault's error is an errno such as EIO, or 0; not " + std::to_string(fault.error));
    if (fault.delay < std::chrono::nanoseconds{0})
        refuse(EINVAL, "a fault's delay cannot be negative");
    if (!(fault.probability >= 0 && fault.probability <= 1)) // so that NaN is refused too
        refuse(EINVAL, "a fault's probability is 0 to 1, not " + std::to_string(fault.probability));
    if (fault.count == 0)
        refuse(EINVAL, "a fault with count 0 would never hit");
    if (fault.address && !fault.address->valid())
        refuse(make_error_code(i2c_errc::bad_address),
               "a fault's address is 0x08 to 0x77 (others: i2c_address::reserved or ten_bit)");
}

void remove_file(const std::string& path)
{
    if (unlink(path.c_str()) != 0 && errno != ENOENT)
        refuse(errno, path + " cannot be removed");
}

} // namespace

class sim_control::implementation {
public:
    explicit implementation(const std::string& name) : file_{name} {}

    /// What `action` returns; no transaction runs meanwhile.
    template <class Action>
    auto between_transactions(Action action) const
    {
        const std::scoped_lock one_thread{threads_};
        const sim::transaction_lock lock{file_.number()};
        if (lock.error() != 0)
            refuse(lock.error(), "its file's lock is not to be had: was a process stopped in a transaction?");
        return action(file_.contents());
    }

private:
    sim::file file_;
    mutable std::mutex threads_;
};

sim_control::sim_control(std::string_view bus)
    : implementation_{std::make_unique<implementation>(name_of(bus))}
{}

sim_control::~sim_control() = default;

void sim_control::stop_clock()
{
    implementation_->between_transactions([](sim::shared_bus& bus) { bus.time.stop(); });
}

void sim_control::start_clock()
{
    implementation_->between_transactions([](sim::shared_bus& bus) { bus.time.start(); });
}

void sim_control::advance(std::chrono::nanoseconds duration)
{
    if (duration < std::chrono::nanoseconds{0})
        refuse(EINVAL, "its time moves forwards only");
    const bool moved = implementation_->between_transactions(
        [=](sim::shared_bus& bus) { return bus.time.advance(sim::nanoseconds(duration)); });
    if (!moved)
        refuse(EINVAL, "its time ends 146 years after it was made");
}

void sim_control::add_fault(const sim_fault& fault)
{
    check(fault);
    const bool added =
        implementation_->between_transactions([&](sim::shared_bus& bus) { return bus.faults.add(fault); });
    if (!added)
        refuse(ENOSPC,
               std::to_string(sim::fault_list::most) + " faults are waiting already: clear_faults() first");
}

void sim_control::clear_faults()
{
    implementation_->between_transactions([](sim::shared_bus& bus) { bus.faults.clear(); });
}

void sim_control::seed(std::uint64_t value)
{
    implementation_->between_transactions([=](sim::shared_bus& bus) { bus.faults.seed(value); });
}

std::uint64_t sim_control::transactions() const
{
    return implementation_->between_transactions([](sim::shared_bus& bus) { return bus.transactions.all(); });
}

std::uint64_t sim_control::foreign_transactions() const
{
    return implementation_->between_transactions(
        [](sim::shared_bus& bus) { return bus.transactions.foreign(); });
}

void sim_control::set_functionality(unsigned long functionality)
{
    const auto bits = static_cast<std::uint32_t>(functionality);
    if (bits != functionality)
        refuse(EINVAL, "I2C_FUNC_* have 32 bits");
    implementation_->between_transactions([=](sim::shared_bus& bus) { bus.adapter.set_functionality(bits); });
}

void sim_control::reset_functionality() { set_functionality(sim::abilities::of_bcm2835); }

void sim_control::allow_combined_reads(bool allowed)
{
    implementation_->between_transactions(
        [=](sim::shared_bus& bus) { bus.adapter.allow_combined_reads(allowed); });
}

void sim_control::remove(std::string_view bus)
{
    const auto lock_name = std::string{shared_names::simulation_lock} + name_of(bus);
    remove_file(segment_path(lock_name).append(shared_names::devices));
    remove_file(touched_path(lock_name));
    remove_file(segment_path(lock_name));
    remove_file(semaphore_path(lock_name));
}

} // namespace resourcelock
