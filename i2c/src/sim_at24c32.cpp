#include "sim_at24c32.hpp"

namespace resourcelock::sim {

bool at24c32::write(std::span<const std::uint8_t> bytes, instant now) noexcept
{
    if (now < idle_)
        return false;
    if (bytes.size() < 2)
        return true;
    std::size_t position = static_cast<std::size_t>(bytes[0] << 8 | bytes[1]) % size;
    const auto data = bytes.subspan(2);
    for (const auto byte : data) {
        memory_[position] = byte;
        const auto page = position - position % page_size;
        position = page + (position + 1) % page_size; // only the low five address bits count up
    }
    position_ = static_cast<std::uint32_t>(position);
    // The chip starts the cycle at STOP; here it starts at once, so that a message behind this one in the
    // same transfer is not acknowledged. What a real chip does with such a transfer is not specified.
    if (!data.empty())
        idle_ = now + nanoseconds(std::chrono::milliseconds{5});
    return true;
}

bool at24c32::read(std::span<std::uint8_t> into, instant now) noexcept
{
    if (now < idle_)
        return false;
    std::size_t position = position_ % size;
    for (auto& byte : into) {
        byte = memory_[position];
        position = (position + 1) % size;
    }
    position_ = static_cast<std::uint32_t>(position);
    return true;
}

} // namespace resourcelock::sim
