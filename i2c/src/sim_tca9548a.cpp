#include "sim_tca9548a.hpp"

#include <algorithm>

namespace resourcelock::sim {

bool tca9548a::write(std::span<const std::uint8_t> bytes, instant /*now*/) noexcept
{
    if (!bytes.empty())
        written_ = bytes.back();
    return true;
}

bool tca9548a::read(std::span<std::uint8_t> into, instant /*now*/) const noexcept
{
    std::ranges::fill(into, written_);
    return true;
}

} // namespace resourcelock::sim
