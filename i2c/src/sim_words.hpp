#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace resourcelock::sim {

/// What a device with a pointer and 16-bit registers sends: the same word again and again, high byte first.
inline void send_word(std::uint16_t word, std::span<std::uint8_t> into) noexcept
{
    for (std::size_t i = 0; i < into.size(); ++i)
        into[i] = static_cast<std::uint8_t>(i % 2 == 0 ? word >> 8 : word & 0xff);
}

} // namespace resourcelock::sim
