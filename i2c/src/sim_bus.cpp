#include "sim_bus.hpp"

#include "sim_transaction_lock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include <linux/i2c.h>

namespace resourcelock {

namespace {

constexpr auto adapter_timeout = sim::nanoseconds(std::chrono::seconds{1}); // Linux' default

/// Lets the clock stretching pass; returns the errno that the transaction fails with, 0 for none.
int happen(const sim::fault_effect& effect, sim::bus_clock& time) noexcept
{
    if (effect.delay > 0)
        time.pass(std::min(effect.delay, adapter_timeout));
    return effect.delay > adapter_timeout ? ETIMEDOUT : effect.error;
}

/// What an SMBus call sends: command, length and data, each if it has one.
class smbus_bytes {
public:
    explicit smbus_bytes(const smbus_call& call) noexcept
    {
        using kind = smbus_call::kind;
        const bool both_ways = call.size == kind::block_process_call;
        const auto data = both_ways      ? call.data.first(call.to_write)
                          : call.is_read ? std::span<std::uint8_t>{}
                                         : call.data;
        if (call.size != kind::quick && call.size != kind::byte)
            bytes_[size_++] = call.command;
        if (both_ways || (call.size == kind::block_data && !call.is_read))
            bytes_[size_++] = static_cast<std::uint8_t>(data.size());
        std::ranges::copy(data, std::span{bytes_}.subspan(size_).begin());
        size_ += data.size();
    }

    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept
    {
        return std::span{bytes_}.first(size_);
    }

private:
    std::array<std::uint8_t, 2 + I2C_SMBUS_BLOCK_MAX> bytes_{};
    std::size_t size_ = 0;
};

bool says_its_length(const smbus_call& call) noexcept
{
    return call.size == smbus_call::kind::block_process_call ||
           (call.size == smbus_call::kind::block_data && call.is_read);
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

    /// All return errno, 0 for none.
    int send(const i2c_message& message) noexcept
    {
        if (!deliver(devices_, message, now_))
            return EREMOTEIO;
        const auto into = message.into();
        std::ranges::fill(into.subspan(std::min(into.size(), answer_bytes_.value_or(into.size()))),
                          std::uint8_t{0xff});
        return 0;
    }

    int send(std::span<const i2c_message> messages) noexcept
    {
        for (const auto& message : messages)
            if (const int error = send(message))
                return error;
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
        if (length < 1 || length > I2C_SMBUS_BLOCK_MAX)
            return EPROTO;
        devices_ = before;
        return send(i2c_message::read(message.address(), into.first(1 + length)));
    }

private:
    sim::devices& devices_;
    sim::instant now_;
    std::optional<std::size_t> answer_bytes_;
};

} // namespace

adapter_limits sim_bus::limits() const noexcept
{
    return {.functionality = file_.contents().adapter.functionality()};
}

std::error_code sim_bus::transaction(std::span<const i2c_message> messages, last_message last) noexcept
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
    wires connected{bus.chips, bus.time.now(), effect.answer_bytes};
    if (last == last_message::as_long_as_asked)
        return code(connected.send(messages));
    const int error = connected.send(messages.first(messages.size() - 1));
    return code(error != 0 ? error : connected.read_block(messages.back()));
}

std::error_code sim_bus::transfer(std::span<const i2c_message> messages) noexcept
{
    return transaction(messages, last_message::as_long_as_asked);
}

/// Made of messages as the kernel does for adapters without SMBus hardware (i2c_smbus_xfer_emulated).
std::error_code sim_bus::smbus(const smbus_call& call, std::size_t& block_size) noexcept
{
    block_size = 0;
    if (call.address.has_pec()) // no device here sends or checks one, whatever the functionality says
        return {EOPNOTSUPP, std::system_category()};
    const smbus_bytes sent{call};
    const auto to_send = i2c_message::write(call.address, sent.bytes());
    if (says_its_length(call))
        return read_block(to_send, call.data, block_size);
    const auto to_read = i2c_message::read(call.address, call.data);
    const bool answers = call.is_read || call.size == smbus_call::kind::process_call;
    if (!answers)
        return transfer(std::array{to_send});
    return sent.bytes().empty() ? transfer(std::array{to_read}) : transfer(std::array{to_send, to_read});
}

std::error_code sim_bus::read_block(const i2c_message& command, std::span<std::uint8_t> into,
                                    std::size_t& block_size) noexcept
{
    std::array<std::uint8_t, 1 + I2C_SMBUS_BLOCK_MAX> answer{};
    const std::array messages{command, i2c_message::read(command.address(), answer)};
    const auto error = transaction(messages, last_message::says_its_length);
    if (error)
        return error;
    block_size = answer[0];
    std::ranges::copy(std::span{answer}.subspan(1, block_size), into.begin());
    return {};
}

} // namespace resourcelock
