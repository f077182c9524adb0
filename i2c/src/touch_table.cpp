#include "touch_table.hpp"

#include "lock_name.hpp"

namespace resourcelock {

namespace {

std::size_t index_of(i2c_address address, std::size_t ten_bit) noexcept
{
    return address.is_ten_bit() ? ten_bit : static_cast<std::size_t>(address.value());
}

} // namespace

touch_table::touch_table(const std::string& lock_name, const lock_options& options)
{
    static const layout fresh;
    file_.emplace(
        shared_file::description{.path = touched_path(lock_name),
                                 .what = "counts of the bus's devices",
                                 .fresh = {std::as_bytes(std::span{&fresh, 1}), options.mode, options.group},
                                 .format_size = sizeof fresh.format});
    table_ = static_cast<layout*>(file_->memory());
}

touch_table::touch_table() : own_{std::make_unique<layout>()}, table_{own_.get()} {}

void touch_table::touch(i2c_address address) noexcept
{
    counter(index_of(address, ten_bit)).fetch_add(1, std::memory_order_relaxed);
}

std::optional<std::uint32_t> touch_table::count(i2c_address address) const noexcept
{
    if (file_ && file_->is_removed())
        return std::nullopt;
    // The lock orders these with everybody's touches.
    return counter(index_of(address, ten_bit)).load(std::memory_order_relaxed) +
           counter(0).load(std::memory_order_relaxed);
}

std::atomic_ref<std::uint32_t> touch_table::counter(std::size_t which) const noexcept
{
    return std::atomic_ref{table_->counts[which]};
}

} // namespace resourcelock
