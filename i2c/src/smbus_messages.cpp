#include "smbus_messages.hpp"

#include <algorithm>
#include <cerrno>

namespace resourcelock {

using kind = smbus_call::kind;

namespace {

bool has_command(const smbus_call& call) noexcept
{
    return call.size != kind::quick && call.size != kind::byte;
}

bool tells_length(const smbus_call& call) noexcept
{
    return call.size == kind::block_process_call || (call.size == kind::block_data && call.is_read);
}

bool answers(const smbus_call& call) noexcept
{
    return call.is_read || call.size == kind::process_call || call.size == kind::block_process_call;
}

/// Returns how many bytes are sent.
std::size_t fill(std::span<std::uint8_t> sent, const smbus_call& call) noexcept
{
    const auto block = call.size == kind::block_process_call ? call.data.first(call.to_write) : call.data;
    std::size_t count = 0;
    if (has_command(call))
        sent[count++] = call.command;
    if (call.is_read)
        return count;
    if (call.size == kind::block_data || call.size == kind::block_process_call)
        sent[count++] = static_cast<std::uint8_t>(block.size());
    std::ranges::copy(block, sent.subspan(count).begin());
    return count + block.size();
}

} // namespace

smbus_messages::smbus_messages(const smbus_call& call) noexcept
    : call_{call},
      messages_{i2c_message::write(call.address, std::span{sent_}.first(fill(sent_, call))),
                tells_length(call) ? i2c_message::read_block(call.address, told_)
                                   : i2c_message::read(call.address, call.data)}
{
    // Without a command there is one message: the one that reads, or the one that writes.
    if (!has_command(call))
        first_ = call.is_read ? 1 : 0;
    count_ = answers(call) ? 2 - first_ : 1;
}

std::error_code smbus_messages::take_answer(std::size_t& block_size) const noexcept
{
    if (!tells_length(call_))
        return {};
    block_size = told_[0];
    if (!is_block_length(block_size)) {
        block_size = 0;
        return {EPROTO, std::system_category()};
    }
    std::ranges::copy(std::span{told_}.subspan(1, block_size), call_.data.begin());
    return {};
}

void smbus_messages::show_answer(const smbus_call& answered, std::size_t block_size) noexcept
{
    if (!answers(call_))
        return;
    told_[0] = static_cast<std::uint8_t>(block_size);
    if (tells_length(call_))
        std::ranges::copy(answered.data.first(block_size), std::span{told_}.subspan(1).begin());
    else
        std::ranges::copy(answered.data, call_.data.begin());
}

} // namespace resourcelock
