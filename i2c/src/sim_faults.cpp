#include "sim_faults.hpp"

#include <algorithm>

namespace resourcelock::sim {

namespace {

bool concerns(const sim_fault& fault, std::span<const i2c_message> messages) noexcept
{
    return !fault.address || std::ranges::any_of(messages, [&](const i2c_message& message) {
        const auto address = message.address();
        return address.value() == fault.address->value() &&
               address.is_ten_bit() == fault.address->is_ten_bit();
    });
}

void merge(fault_effect& effect, const sim_fault& fault) noexcept
{
    if (effect.error == 0)
        effect.error = fault.error;
    // Nobody waits longer than the adapter does, and sixteen such delays still fit.
    effect.delay += std::min(nanoseconds(fault.delay), nanoseconds(std::chrono::hours{1}));
    if (fault.answer_bytes)
        effect.answer_bytes =
            std::min(*fault.answer_bytes, effect.answer_bytes.value_or(*fault.answer_bytes));
}

} // namespace

bool fault_list::add(const sim_fault& fault) noexcept
{
    if (size_ >= most)
        return false;
    faults_[size_] = fault;
    ++size_;
    return true;
}

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014); 53 bits of it.
double fault_list::random() noexcept
{
    auto bits = random_ += 0x9e3779b97f4a7c15U;
    bits = (bits ^ bits >> 30U) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ bits >> 27U) * 0x94d049bb133111ebU;
    bits ^= bits >> 31U;
    return static_cast<double>(bits >> 11U) / 9007199254740992.0;
}

bool fault_list::hits(sim_fault& fault, std::span<const i2c_message> messages) noexcept
{
    if (!concerns(fault, messages))
        return false;
    if (fault.after > 0) {
        --fault.after;
        return false;
    }
    if (fault.count != sim_fault::always)
        --fault.count;
    return random() < fault.probability;
}

fault_effect fault_list::next(std::span<const i2c_message> messages) noexcept
{
    fault_effect effect;
    const auto all = std::span{faults_}.first(std::min<std::size_t>(size_, most));
    for (auto& fault : all)
        if (hits(fault, messages))
            merge(effect, fault);
    const auto end =
        std::remove_if(all.begin(), all.end(), [](const auto& fault) { return fault.count == 0; });
    size_ = static_cast<std::uint32_t>(end - all.begin());
    return effect;
}

} // namespace resourcelock::sim
