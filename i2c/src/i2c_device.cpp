#include <resourcelock/i2c_device.hpp>

#include "checks.hpp"

#include <algorithm>
#include <array>
#include <thread>

namespace resourcelock {

namespace {

constexpr int disturbances_borne = 3;

/// The number of a register, as it goes out.
struct wire_number {
    wire_number(int number, int number_bytes) noexcept
        : bytes{static_cast<std::uint8_t>(number_bytes == 2 ? number >> 8 : number),
                static_cast<std::uint8_t>(number & 0xff)},
          size{static_cast<std::size_t>(number_bytes)}
    {}
    [[nodiscard]] std::span<const std::uint8_t> as_span() const noexcept
    {
        return std::span{bytes}.first(size);
    }

    std::array<std::uint8_t, 2> bytes;
    std::size_t size;
};

std::array<std::uint8_t, 2> to_wire(unsigned value, std::size_t size, std::endian order) noexcept
{
    const auto high = static_cast<std::uint8_t>(value >> 8 & 0xff);
    const auto low = static_cast<std::uint8_t>(value & 0xff);
    return size == 2 && order == std::endian::big ? std::array{high, low} : std::array{low, high};
}

unsigned from_wire(const std::array<std::uint8_t, 2>& bytes, std::size_t size, std::endian order) noexcept
{
    if (size == 1)
        return bytes[0];
    const auto [high, low] = order == std::endian::big ? bytes : std::array{bytes[1], bytes[0]};
    return static_cast<unsigned>(high << 8 | low);
}

} // namespace

i2c_device::i2c_device(i2c_bus& bus, i2c_address address, const device_options& options)
    : bus_{bus}, address_{address}, options_{options}
{
    if (options.number_bytes != 1 && options.number_bytes != 2)
        throw std::system_error{make_error_code(i2c_errc::bad_argument),
                                "the number of a register has 1 or 2 bytes on the wires, not " +
                                    std::to_string(options.number_bytes)};
}

bool i2c_device::exists(int number) const noexcept
{
    return number >= 0 && number <= (options_.number_bytes == 1 ? 0xff : 0xffff);
}

void i2c_device::throw_if(std::error_code error) const { bus_.throw_if(error, address_); }

void i2c_device::read_burst(int number, std::span<std::uint8_t> into, std::error_code& error) noexcept
{
    if (!exists(number)) {
        error = make_error_code(i2c_errc::bad_argument);
        return;
    }
    bus_.write_read(address_, wire_number{number, options_.number_bytes}.as_span(), into, error);
}

void i2c_device::read_burst(int number, std::span<std::uint8_t> into)
{
    std::error_code error;
    read_burst(number, into, error);
    throw_if(error);
}

void i2c_device::write_burst(int number, std::span<const std::uint8_t> bytes, std::error_code& error) noexcept
{
    const wire_number first{number, options_.number_bytes};
    if (!exists(number)) {
        error = make_error_code(i2c_errc::bad_argument);
        return;
    }
    if (bytes.empty() || bytes.data() == nullptr || bytes.size() > longest_message - first.size) {
        error = make_error_code(i2c_errc::bad_length);
        return;
    }
    std::array<std::uint8_t, longest_message> message; // NOLINT(*-member-init): filled as far as it is sent
    std::ranges::copy(first.as_span(), message.begin());
    std::ranges::copy(bytes, std::span{message}.subspan(first.size).begin());
    bus_.write(address_, std::span{message}.first(first.size + bytes.size()), error);
}

void i2c_device::write_burst(int number, std::span<const std::uint8_t> bytes)
{
    std::error_code error;
    write_burst(number, bytes, error);
    throw_if(error);
}

unsigned i2c_device::read_value(int number, std::size_t size, std::error_code& error) noexcept
{
    std::array<std::uint8_t, 2> bytes{};
    read_burst(number, std::span{bytes}.first(size), error);
    return error ? 0 : from_wire(bytes, size, options_.byte_order);
}

unsigned i2c_device::read_value(int number, std::size_t size)
{
    std::error_code error;
    const auto value = read_value(number, size, error);
    throw_if(error);
    return value;
}

void i2c_device::write_value(int number, std::size_t size, unsigned value, std::error_code& error) noexcept
{
    const auto bytes = to_wire(value, size, options_.byte_order);
    write_burst(number, std::span{bytes}.first(size), error);
}

void i2c_device::write_value(int number, std::size_t size, unsigned value)
{
    std::error_code error;
    write_value(number, size, value, error);
    throw_if(error);
}

/// Steps that nobody comes between. They run again as a whole where the bus's policy allows; inside a
/// session, which began earlier, that is for its owner to decide.
template <class Steps>
void i2c_device::atomically(std::error_code& error, Steps steps) noexcept
{
    const auto options = bus_.as_a_transaction();
    const auto session = bus_.session(options, error);
    if (error)
        return;
    i2c_attempts attempts{bus_.if_outermost(options.retry.for_writes())};
    do
        steps();
    while (attempts.again(error));
}

unsigned i2c_device::update(int number, std::size_t size, unsigned mask, unsigned value,
                            std::error_code& error) noexcept
{
    unsigned result = 0;
    atomically(error, [&] {
        const auto before = read_value(number, size, error);
        result = (before & ~mask) | (value & mask);
        if (!error)
            write_value(number, size, result, error);
    });
    return error ? 0 : result;
}

unsigned i2c_device::update(int number, std::size_t size, unsigned mask, unsigned value)
{
    std::error_code error;
    const auto result = update(number, size, mask, value, error);
    throw_if(error);
    return result;
}

bool i2c_device::exchange(int number, std::size_t size, unsigned expected, unsigned value,
                          std::error_code& error) noexcept
{
    bool as_expected = false;
    atomically(error, [&] {
        as_expected = read_value(number, size, error) == expected && !error;
        if (as_expected)
            write_value(number, size, value, error);
    });
    return as_expected && !error;
}

bool i2c_device::exchange(int number, std::size_t size, unsigned expected, unsigned value)
{
    std::error_code error;
    const bool exchanged = exchange(number, size, expected, value, error);
    throw_if(error);
    return exchanged;
}

void i2c_device::run_split(const step& start, std::chrono::nanoseconds wait, const step& finish,
                           const session_options& options)
{
    for (int disturbances = 0; disturbances < disturbances_borne; ++disturbances) {
        std::optional<std::uint32_t> touches;
        {
            auto session = bus_.session(options);
            session.repeat(options.retry, start);
            touches = bus_.touches(address_);
        }
        std::this_thread::sleep_for(wait);
        auto session = bus_.session(options);
        if (touches && bus_.touches(address_) == touches)
            return session.repeat(options.retry, finish);
    }
    auto session = bus_.session(options);
    session.repeat(options.retry, start);
    std::this_thread::sleep_for(wait);
    session.repeat(options.retry, finish);
}

} // namespace resourcelock
