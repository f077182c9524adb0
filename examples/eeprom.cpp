// Reads an AT24C32 EEPROM, or writes to it when asked and reads back what arrived. A write is split where the
// chip's pages end, because there its address counter wraps; after each page the chip does not acknowledge
// until it has stored it. Each page has a session of its own: a whole chip takes more than a second, longer
// than others wait for the bus. Source: Atmel, datasheet AT24C32/64 (doc 0336), "Write Operations" and
// "Acknowledge Polling".
#include "sensor_program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using resourcelock::i2c_bus;
using bytes = std::vector<std::uint8_t>;

constexpr int address = 0x50; // pins A0 to A2 at ground
constexpr std::size_t chip_size = 4096;
constexpr std::size_t page_size = 32;
constexpr std::chrono::milliseconds longest_write_cycle{20};

std::uint8_t high_byte(std::size_t offset) { return static_cast<std::uint8_t>(offset >> 8); }
std::uint8_t low_byte(std::size_t offset) { return static_cast<std::uint8_t>(offset & 0xff); }

bytes read(i2c_bus& bus, std::size_t offset, std::size_t size)
{
    bytes result(size);
    auto session = bus.session({.lock_info = "eeprom: read"});
    session.write_read(address, {high_byte(offset), low_byte(offset)}, result);
    return result;
}

/// Waits until the chip has stored a page: it acknowledges its address again.
void wait_for_write_cycle(resourcelock::i2c_session& session, std::size_t offset)
{
    const auto give_up = std::chrono::steady_clock::now() + longest_write_cycle;
    std::error_code busy;
    do {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
        session.write(address, {high_byte(offset), low_byte(offset)}, busy);
    } while (busy == resourcelock::i2c_errc::no_acknowledge && std::chrono::steady_clock::now() < give_up);
    if (busy)
        throw std::system_error{busy, "the EEPROM does not come back from writing"};
}

/// `data` ends where its page ends, or before.
void write_page(i2c_bus& bus, std::size_t offset, std::span<const std::uint8_t> data)
{
    bytes message{high_byte(offset), low_byte(offset)};
    message.insert(message.end(), data.begin(), data.end());
    auto session = bus.session({.lock_info = "eeprom: write a page"});
    session.write(address, message);
    wait_for_write_cycle(session, offset);
}

void write(i2c_bus& bus, std::size_t offset, std::span<const std::uint8_t> data)
{
    for (std::size_t done = 0; done < data.size();) {
        const auto to_page_end = page_size - (offset + done) % page_size;
        const auto size = std::min(to_page_end, data.size() - done);
        write_page(bus, offset + done, data.subspan(done, size));
        done += size;
    }
    const auto stored = read(bus, offset, data.size());
    if (!std::ranges::equal(stored, data))
        throw std::runtime_error{
            "the EEPROM reads back something else than was written; is it write-protected (pin WP)?"};
}

std::string to_hex(std::span<const std::uint8_t> data)
{
    std::string text;
    for (const auto byte : data) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        text += digits;
    }
    return text;
}

bytes from_hex(const std::string& text)
{
    bytes data;
    if (text.size() % 2 != 0 || text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
        throw CLI::ValidationError{"'" + text + "' is not hexadecimal: two digits a byte, such as 00ff"};
    for (std::size_t i = 0; i < text.size(); i += 2)
        data.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
    return data;
}

void print_dump(std::size_t offset, std::span<const std::uint8_t> data)
{
    constexpr std::size_t width = 16;
    for (std::size_t at = 0; at < data.size(); at += width) {
        std::printf("%04zx ", offset + at);
        std::string text;
        for (const auto byte : data.subspan(at, std::min(width, data.size() - at))) {
            std::printf(" %02x", byte);
            text += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
        }
        std::printf("%*s  %s\n", static_cast<int>(3 * (width - text.size())), "", text.c_str());
    }
}

struct request {
    std::size_t offset = 0;
    std::size_t length = 32;
    bytes to_write;
};

void add_options(CLI::App& app, request& asked)
{
    app.add_option("--offset", asked.offset, "first byte, 0 to 4095")->capture_default_str();
    auto* const length = app.add_option("--length", asked.length, "bytes to read")->capture_default_str();
    auto* const text = app.add_option_function<std::string>(
        "--write", [&asked](const std::string& given) { asked.to_write.assign(given.begin(), given.end()); },
        "text to write");
    auto* const hex = app.add_option_function<std::string>(
        "--write-hex", [&asked](const std::string& given) { asked.to_write = from_hex(given); },
        "bytes to write, such as 00ff12");
    text->excludes(hex)->excludes(length);
    hex->excludes(length);
    app.callback([&asked, text, hex] {
        const bool writes = text->count() + hex->count() > 0;
        const auto size = writes ? asked.to_write.size() : asked.length;
        if (size == 0 || asked.offset >= chip_size || size > chip_size - asked.offset)
            throw CLI::ValidationError{
                "the chip has bytes 0 to 4095: choose --offset and 1 or more bytes inside"};
    });
}

void do_job(i2c_bus& bus, bool json, const request& asked)
{
    const bool writes = !asked.to_write.empty();
    if (writes)
        write(bus, asked.offset, asked.to_write);
    const auto data = writes ? asked.to_write : read(bus, asked.offset, asked.length);
    if (json) {
        const nlohmann::json line{
            {"bus", bus.name()}, {"offset", asked.offset}, {writes ? "written" : "read", to_hex(data)}};
        std::puts(line.dump().c_str());
    } else if (writes) {
        std::printf("%zu bytes written at %zu and read back\n", data.size(), asked.offset);
    } else {
        print_dump(asked.offset, data);
    }
}

} // namespace

int main(int argc, char** argv)
{
    request asked;
    const sensor_program program{.name = "eeprom",
                                 .about = "Reads an AT24C32 EEPROM, or writes to it and reads back.",
                                 .device = "AT24C32",
                                 .job = [&asked](i2c_bus& bus, bool json) { do_job(bus, json, asked); },
                                 .add_options = [&asked](CLI::App& app) { add_options(app, asked); }};
    return program.run(argc, argv);
}
