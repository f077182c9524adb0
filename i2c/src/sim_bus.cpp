#include "sim_bus.hpp"

#include "sim_transaction_lock.hpp"
#include "smbus_block.hpp"
#include "smbus_messages.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace resourcelock {

namespace {

constexpr auto usual_timeout = sim::nanoseconds(std::chrono::seconds{1}); // Linux' default

/// Lets the clock stretching pass; returns the errno that the transaction fails with, 0 for none.
int happen(const sim::fault_effect& effect, sim::bus_clock& time) noexcept
{
    if (effect.delay > 0)
        time.pass(std::min(effect.delay, usual_timeout));
    return effect.delay > usual_timeout ? ETIMEDOUT : effect.error;
}

/// The messages of one transaction, with what a fault leaves of the answers.
class wires {
public:
    wires(sim::devices& devices, sim::instant now, std::optional<std::size_t> answer_bytes) noexcept
        : devices_{devices}, now_{now}, answer_bytes_{answer_bytes}
    {}
    wires(const wires&) = delete;
    wires& operator=(const wires&) = delete;
    ~wires() { stop(devices_); }

    /// Returns an errno, 0 for none.
    int send(std::span<const i2c_message> messages) noexcept
    {
        for (const auto& message : messages)
            if (const int error = message.device_tells_length() ? read_block(message) : send(message))
                return error;
        return 0;
    }

private:
    int send(const i2c_message& message) noexcept
    {
        if (!deliver(devices_, message, now_))
            return EREMOTEIO;
        const auto into = message.into();
        std::ranges::fill(into.subspan(std::min(into.size(), answer_bytes_.value_or(into.size()))),
                          std::uint8_t{0xff});
        return 0;
    }

    /// Reads a length, and as many bytes. The length is asked of the devices as they were: they see one read,
    /// of the right number of bytes.
    int read_block(const i2c_message& message) noexcept
    {
        const auto before = devices_;
        const auto into = message.into();
        if (const int error = send(i2c_message::read(message.address(), into.first(1))))
            return error;
        const std::size_t length = into[0];
        if (!is_block_length(length))
            return EPROTO;
        devices_ = before;
        return send(i2c_message::read(message.address(), into.first(1 + length)));
    }

    sim::devices& devices_;
    sim::instant now_;
    std::optional<std::size_t> answer_bytes_;
};

} // namespace

adapter_limits sim_bus::limits() const noexcept
{
    return {.functionality = file_.contents().adapter.functionality()};
}

std::error_code sim_bus::transfer(std::span<const i2c_message> messages) noexcept
{
    const auto code = [](int error) { return std::error_code{error, std::system_category()}; };
    const std::scoped_lock one_thread{threads_};
    const sim::transaction_lock one_process{file_.number()};
    if (one_process.error() != 0)
        return code(one_process.error());
    auto& bus = file_.contents();
    if (!bus.adapter.can(messages))
        return code(EOPNOTSUPP);
    bus.transactions.count();
    const auto effect = bus.faults.next(messages);
    if (const int error = happen(effect, bus.time))
        return code(error);
    return code(wires{bus.chips, bus.time.now(), effect.answer_bytes}.send(messages));
}

std::error_code sim_bus::smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    if (call.address.has_pec()) // no device here sends or checks one, whatever the functionality says
        return {EOPNOTSUPP, std::system_category()};
    const smbus_messages on_wire{call};
    if (const auto error = transfer(on_wire.messages()))
        return error;
    return on_wire.take_answer(block_size);
}

} // namespace resourcelock
