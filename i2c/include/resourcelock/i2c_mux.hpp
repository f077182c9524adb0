#pragma once

#include <resourcelock/i2c_bus.hpp>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace resourcelock {

/// A multiplexer that programs switch by hand: a TCA9548A or PCA9548A with 8 channels, or a smaller one of
/// the family with a register of one bit a channel (TCA9543A, TCA9546A). Several programs use devices behind
/// it: selecting a channel, talking, and switching back is one sequence on the root bus, under its one lock.
///
/// For one that a kernel driver (pca954x) switches, open the channels' own buses instead: they share the root
/// adapter's lock.
///
/// Source: Texas Instruments, datasheet TCA9548A (SCPS207), "Bus Transactions": one register, written and
/// read without a number; "Control Register": a channel is connected at the STOP. Thread-safe. The bus must
/// live longer.
class RESOURCELOCK_EXPORT i2c_mux {
public:
    /// Sends nothing.
    explicit i2c_mux(i2c_bus& bus, i2c_address address = 0x70) : bus_{bus}, address_{address} {}

    /// Connects channel 0 to 7 alone, runs `work(i2c_session&)`, connects again what was connected before,
    /// and returns what `work` returned. Devices (`i2c_device`) may be used in `work`; so may another
    /// multiplexer.
    ///
    /// Switched back is also when selecting or `work` failed; their error is thrown. When switching back
    /// fails, that is thrown, and the channel is still connected. After a failure that `options.retry`
    /// allows, selecting and `work` run again. `i2c_errc::bad_argument` for a channel outside 0 to 7;
    /// how many a smaller multiplexer has is not known here.
    template <class Work>
    auto on_channel(int channel, Work work, const session_options& options = {})
        -> std::invoke_result_t<Work&, i2c_session&>
    {
        using result = std::invoke_result_t<Work&, i2c_session&>;
        if constexpr (std::is_void_v<result>) {
            run(channel, std::ref(work), options);
        } else {
            std::optional<result> kept;
            run(
                channel, [&](i2c_session& session) { kept.emplace(work(session)); }, options);
            return *std::move(kept);
        }
    }

private:
    void run(int channel, const std::function<void(i2c_session&)>& work, const session_options& options);

    i2c_bus& bus_;
    i2c_address address_;
};

} // namespace resourcelock
