// Reads an AT24C32 EEPROM, or writes to it when asked and reads back what arrived. A write is split where the
// chip's pages end, because there its address counter wraps; after each page the chip does not acknowledge
// until it has stored it. A whole chip takes more than a second, longer than others wait for the bus: between
// pages the session lets them on. Source: Atmel, datasheet AT24C32/64 (doc 0336), "Write Operations" and
// "Acknowledge Polling".
#include "device_program.hpp"
#include "stop_signals.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include <unistd.h>

namespace {

using resourcelock::i2c_bus;
using resourcelock::i2c_retry;
using resourcelock::i2c_session;
using bytes = std::vector<std::uint8_t>;

constexpr int address = 0x50; // pins A0 to A2 at ground
constexpr std::size_t chip_size = 4096;
constexpr std::size_t page_size = 32;
constexpr auto while_storing = i2c_retry::while_busy(std::chrono::milliseconds{20});

std::uint8_t high_byte(std::size_t offset) { return static_cast<std::uint8_t>(offset >> 8); }
std::uint8_t low_byte(std::size_t offset) { return static_cast<std::uint8_t>(offset & 0xff); }

bytes read(i2c_bus& bus, std::size_t offset, std::size_t size)
{
    bytes result(size);
    bus.in_session({.lock_info = "eeprom: read", .retry = while_storing}, [&](i2c_session& session) {
        session.write_read(address, {high_byte(offset), low_byte(offset)}, result);
    });
    return result;
}

/// What of the data goes into one page.
struct piece {
    std::size_t offset;
    std::span<const std::uint8_t> data;
};

std::vector<piece> split_into_pages(std::size_t offset, std::span<const std::uint8_t> data)
{
    std::vector<piece> pieces;
    while (!data.empty()) {
        const auto size = std::min(page_size - offset % page_size, data.size());
        pieces.push_back({offset, data.first(size)});
        offset += size;
        data = data.subspan(size);
    }
    return pieces;
}

/// Again and again while the chip does not acknowledge because it stores a page.
void write_patiently(i2c_session& session, const bytes& message)
{
    std::error_code error;
    resourcelock::i2c_attempts attempts{while_storing};
    do
        session.write(address, message, error);
    while (attempts.again(error));
    if (error)
        throw std::system_error{error, "address " + address_text(address) + " takes no data"};
}

void write_page(i2c_session& session, const piece& page)
{
    bytes message{high_byte(page.offset), low_byte(page.offset)};
    message.insert(message.end(), page.data.begin(), page.data.end());
    write_patiently(session, message);
    message.resize(2);
    write_patiently(session, message); // which, without data, stores nothing: it is stored when this arrives
}

/// Who waits for the bus gets it between two pages; so does who wants to end the program.
void write(i2c_bus& bus, const std::vector<piece>& pages, bool shows_progress)
{
    const stop_signals stop;
    const auto name_of = [&](std::size_t page) {
        return "page " + std::to_string(page + 1) + " of " + std::to_string(pages.size());
    };
    auto session = bus.session({.lock_info = "eeprom: " + name_of(0)});
    for (std::size_t page = 0; page < pages.size(); ++page) {
        if (stop.came())
            throw std::runtime_error{"interrupted before " + name_of(page)};
        if (page > 0)
            session.yield({.lock_info = "eeprom: " + name_of(page)});
        write_page(session, pages[page]);
        if (shows_progress) {
            const bool is_overwritten = page + 1 < pages.size() && isatty(STDERR_FILENO) == 1;
            std::fprintf(stderr, "%s%c", name_of(page).c_str(), is_overwritten ? '\r' : '\n');
        }
    }
}

void write_and_check(i2c_bus& bus, std::size_t offset, const bytes& data, bool shows_progress)
{
    write(bus, split_into_pages(offset, data), shows_progress);
    if (read(bus, offset, data.size()) != data)
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
    bool shows_progress = isatty(STDERR_FILENO) == 1;
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
    app.add_flag("--progress", asked.shows_progress,
                 "say on standard error which page was written; default: when it is a terminal");
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

void print_result(bool json, const std::string& bus, const request& asked, const bytes& data)
{
    const bool writes = !asked.to_write.empty();
    if (json) {
        const nlohmann::ordered_json line{
            {"bus", bus}, {"offset", asked.offset}, {writes ? "written" : "read", to_hex(data)}};
        std::puts(line.dump().c_str());
    } else if (writes) {
        std::printf("%zu bytes written at %zu and read back\n", data.size(), asked.offset);
    } else {
        print_dump(asked.offset, data);
    }
    flush_output();
}

int do_job(const device_program::options& program, const request& asked)
{
    i2c_bus bus{program.bus};
    const bool writes = !asked.to_write.empty();
    if (writes)
        write_and_check(bus, asked.offset, asked.to_write, asked.shows_progress);
    print_result(program.json, bus.name(), asked,
                 writes ? asked.to_write : read(bus, asked.offset, asked.length));
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    request asked;
    const device_program program{
        .name = "eeprom",
        .about = "Reads an AT24C32 EEPROM, or writes to it and reads back.",
        .device = "AT24C32",
        .job = [&](const device_program::options& options) { return do_job(options, asked); },
        .add_options = [&](CLI::App& app) { add_options(app, asked); }};
    return program.run(argc, argv);
}
