#pragma once

#include <resourcelock/i2c_bus.hpp>

#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>

namespace resourcelock {

/// How a device numbers and orders its registers.
struct device_options {
    std::endian byte_order = std::endian::big; ///< of 16-bit registers
    /// How many bytes the number of a register has on the wires: 1, or 2 (high byte first, as EEPROMs of 4 KB
    /// and more).
    int number_bytes = 1;
};

/// What a register holds.
template <class T>
concept register_value = std::same_as<T, std::uint8_t> || std::same_as<T, std::uint16_t>;

/// A device with registers, at one address of a shared bus. Changes of a register are atomic for all programs
/// that use the bus; `split_phase` gives the bus away while the device measures.
///
/// Registers are read with START, address + W, number, repeated START, address + R, value, STOP, and written
/// with START, address + W, number, value, STOP: also on adapters that speak SMBus only, for values and
/// bursts of up to 32 bytes.
///
/// Each call waits for the bus as its transactions do, and may be used in a session of the same thread. Those
/// with a `std::error_code` store the error as those of `i2c_transactions` do, and return 0 or false then;
/// the others throw `std::system_error`. Errors: those of `i2c_bus`; `i2c_errc::bad_argument` for a register
/// number that does not fit. Thread-safe. The bus must live longer.
class RESOURCELOCK_EXPORT i2c_device {
public:
    /// Sends nothing. Throws `std::system_error`, `i2c_errc::bad_argument`, for options that do not exist.
    i2c_device(i2c_bus& bus, i2c_address address, const device_options& options = {});

    /// The one it was made with.
    [[nodiscard]] i2c_bus& bus() const noexcept { return bus_; }
    /// Its address on that bus.
    [[nodiscard]] i2c_address address() const noexcept { return address_; }

    /// `device.read<std::uint16_t>(0x02)`
    template <register_value T>
    [[nodiscard]] T read(int number)
    {
        return static_cast<T>(read_value(number, sizeof(T)));
    }
    /// \overload
    template <register_value T>
    [[nodiscard]] T read(int number, std::error_code& error) noexcept
    {
        return static_cast<T>(read_value(number, sizeof(T), error));
    }

    /// `device.write<std::uint8_t>(0xf4, 0x25)`
    template <register_value T>
    void write(int number, std::type_identity_t<T> value)
    {
        write_value(number, sizeof(T), value);
    }
    /// \overload
    template <register_value T>
    void write(int number, std::type_identity_t<T> value, std::error_code& error) noexcept
    {
        write_value(number, sizeof(T), value, error);
    }

    /// Consecutive registers in one transaction, for devices that count on: `into` has 1 to 8192 bytes.
    void read_burst(int number, std::span<std::uint8_t> into);
    /// \overload
    void read_burst(int number, std::span<std::uint8_t> into, std::error_code& error) noexcept;
    /// The other direction: 1 to 8191 bytes, or 8190 where numbers have two.
    void write_burst(int number, std::span<const std::uint8_t> bytes);
    /// \overload
    void write_burst(int number, std::span<const std::uint8_t> bytes, std::error_code& error) noexcept;

    /// Gives the bits of `mask` the value they have in `value`, and leaves the others: no program's change
    /// comes between reading and writing. Returns the new value. Writes also where nothing changes.
    template <register_value T>
    T update_bits(int number, std::type_identity_t<T> mask, std::type_identity_t<T> value)
    {
        return static_cast<T>(update(number, sizeof(T), mask, value));
    }
    /// \overload
    template <register_value T>
    T update_bits(int number, std::type_identity_t<T> mask, std::type_identity_t<T> value,
                  std::error_code& error) noexcept
    {
        return static_cast<T>(update(number, sizeof(T), mask, value, error));
    }

    /// Writes `value` if the register holds `expected`, and returns whether it did.
    template <register_value T>
    [[nodiscard]] bool compare_exchange(int number, std::type_identity_t<T> expected,
                                        std::type_identity_t<T> value)
    {
        return exchange(number, sizeof(T), expected, value);
    }
    /// \overload
    template <register_value T>
    [[nodiscard]] bool compare_exchange(int number, std::type_identity_t<T> expected,
                                        std::type_identity_t<T> value, std::error_code& error) noexcept
    {
        return exchange(number, sizeof(T), expected, value, error);
    }

    /// A measurement that takes long: `start(i2c_session&)`, then `wait` without the bus, then
    /// `finish(i2c_session&)`, whose result is returned. If any program talked to the device meanwhile (or
    /// addressed all with the general call), finish() is not called and it begins again; after the third such
    /// disturbance it keeps the bus during the wait, so that it always ends.
    ///
    /// Noticed are programs that use this library. The device may still be measuring for one of them when
    /// start() comes: where it ignores a command then (ADS1115), start() waits for the end first. In a
    /// session of the calling thread the bus is not given away. `options` are those of each of the sessions;
    /// what `options.retry` allows repeats the step that failed, so that `i2c_retry::while_busy` in them
    /// polls a device that answers when it is done. Throws what the sessions and the two steps throw.
    template <class Start, class Finish>
    auto split_phase(Start start, std::chrono::nanoseconds wait, Finish finish,
                     const session_options& options = {}) -> std::invoke_result_t<Finish&, i2c_session&>
    {
        using result = std::invoke_result_t<Finish&, i2c_session&>;
        if constexpr (std::is_void_v<result>) {
            run_split(std::ref(start), wait, std::ref(finish), options);
        } else {
            std::optional<result> kept;
            run_split(
                std::ref(start), wait, [&](i2c_session& session) { kept.emplace(finish(session)); }, options);
            return *std::move(kept);
        }
    }

private:
    using step = std::function<void(i2c_session&)>;

    unsigned read_value(int number, std::size_t size);
    unsigned read_value(int number, std::size_t size, std::error_code& error) noexcept;
    void write_value(int number, std::size_t size, unsigned value);
    void write_value(int number, std::size_t size, unsigned value, std::error_code& error) noexcept;
    unsigned update(int number, std::size_t size, unsigned mask, unsigned value);
    unsigned update(int number, std::size_t size, unsigned mask, unsigned value,
                    std::error_code& error) noexcept;
    bool exchange(int number, std::size_t size, unsigned expected, unsigned value);
    bool exchange(int number, std::size_t size, unsigned expected, unsigned value,
                  std::error_code& error) noexcept;
    template <class Steps>
    void atomically(std::error_code& error, Steps steps) noexcept;
    void run_split(const step& start, std::chrono::nanoseconds wait, const step& finish,
                   const session_options& options);

    [[nodiscard]] bool exists(int number) const noexcept;
    void throw_if(std::error_code error) const;

    i2c_bus& bus_;
    i2c_address address_;
    device_options options_;
};

} // namespace resourcelock
