#include "line_probe.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <system_error>

namespace resourcelock::cli {

namespace {

using clock = std::chrono::steady_clock;

enum class outcome { acknowledged, not_acknowledged, refused, failed };

struct look {
    std::error_code error;
    std::chrono::milliseconds took{};

    [[nodiscard]] outcome result() const noexcept
    {
        if (!error)
            return outcome::acknowledged;
        if (error == i2c_errc::not_supported || error == i2c_errc::address_in_use)
            return outcome::refused;
        // i2c-stub says ENODEV where it has no chip. One that has gone has a code of ours.
        if (error == std::errc::no_such_device)
            return outcome::not_acknowledged;
        // Ten bits take a millisecond at 10 kHz; i2c-gpio waits 100 ms for a line that stays low.
        constexpr std::chrono::milliseconds suspicious{100};
        return error == i2c_errc::no_acknowledge && took < suspicious ? outcome::not_acknowledged
                                                                      : outcome::failed;
    }
};

template <class Transaction>
look timed(Transaction transaction)
{
    look seen;
    const auto begin = clock::now();
    transaction(seen.error);
    seen.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
    return seen;
}

look read_at_reserved(i2c_transactions& bus, int address)
{
    return timed([&](std::error_code& error) {
        static_cast<void>(bus.read_byte(i2c_address::reserved(address), error));
    });
}

/// Twice, because a busy machine, or another controller, may have been in the way once.
look read_where_nobody_is(i2c_transactions& bus)
{
    const auto first = read_at_reserved(bus, 0x7f);
    return first.result() == outcome::failed ? read_at_reserved(bus, 0x7f) : first;
}

bool somebody_answers(i2c_transactions& bus)
{
    constexpr std::chrono::seconds patience{3};
    constexpr int first = 0x40; // most sensors are above
    constexpr int lowest = 0x08;
    constexpr int count = 0x78 - lowest;
    const auto end = clock::now() + patience;
    for (int i = 0; i < count && clock::now() < end; ++i) {
        const int address = lowest + (first - lowest + i) % count;
        // Left out as by i2cdetect: what is there might take it for a command.
        if ((address >= 0x30 && address <= 0x37) || (address >= 0x50 && address <= 0x5f))
            continue;
        const auto seen = timed([&](std::error_code& error) { bus.write_quick(address, false, error); });
        if (seen.result() == outcome::acknowledged || seen.result() == outcome::not_acknowledged)
            return true;
    }
    return false;
}

std::string what_failed(const look& seen)
{
    return fmt::format("{} after {} ms", seen.error.message(), seen.took.count());
}

} // namespace

line_report probe_lines(i2c_transactions& bus)
{
    const auto seen = read_where_nobody_is(bus);
    switch (seen.result()) {
    case outcome::not_acknowledged:
        return {line_state::answer, "an address that nobody has is not acknowledged"};
    case outcome::acknowledged:
        if (!read_at_reserved(bus, 0x7e).error && !read_at_reserved(bus, 0x7d).error)
            return {line_state::look_stuck,
                    "addresses that nobody can have are acknowledged, as with SDA low"};
        return {line_state::answer, "a device acknowledges the address 0x7f"};
    case outcome::refused:
        return {line_state::cannot_be_told, "the adapter does not read single bytes"};
    case outcome::failed:
        break;
    }
    if (seen.error.category() == i2c_category())
        return {line_state::cannot_be_told, seen.error.message()};
    if (somebody_answers(bus))
        return {line_state::answer, "devices answer"};
    return {line_state::look_stuck, what_failed(seen) + ", and no device answers"};
}

std::string words_for(const line_report& report)
{
    switch (report.state) {
    case line_state::answer:
        return "in order: " + report.seen;
    case line_state::look_stuck:
        return "look stuck: " + report.seen;
    case line_state::cannot_be_told:
        break;
    }
    return "not probed: " + report.seen;
}

} // namespace resourcelock::cli
