#include "one_reader.hpp"

#include "device_program.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;
using resourcelock::i2c_bus;
using resourcelock::i2c_transactions;

constexpr int address = 0x48;
constexpr std::uint8_t conversion_register = 0x00;
constexpr std::uint8_t config_register = 0x01;
constexpr int start_or_idle = 0x8000;
constexpr int config =
    0x43e3; // AIN0 against ground, 4.096 V, single shot, 860 samples a second, no comparator
constexpr int next_input = 0x1000;
constexpr auto usual_wait = 1300us; // a conversion takes 1 / 860 s
constexpr auto longest_wait = 100ms;
constexpr seconds more_time{30};

report read_for(seconds duration, i2c_bus& bus, int input, bool in_sessions)
{
    report result;
    long readings = 0;
    const auto start = clock_type::now();
    const auto passed = [start] { return seconds{clock_type::now() - start}; };
    while (passed() < duration || (readings < enough_readings && passed() < duration + more_time)) {
        try {
            if (in_sessions) {
                auto session = bus.session();
                ++result.readings[read_input(session, input)];
            } else {
                ++result.readings[read_input(bus, input)];
            }
            ++readings;
        } catch (const std::exception& error) {
            if (++result.errors == 1)
                result.first_error = error.what();
            std::this_thread::sleep_for(1ms);
        }
    }
    return result;
}

/// For `resourcelock NAME timeline`.
void log_lock_to(const std::string& file)
{
    const auto log = spdlog::get("resourcelock");
    log->sinks() = {std::make_shared<spdlog::sinks::basic_file_sink_mt>(file, true)};
    log->set_pattern("[%Y-%m-%d %H:%M:%S.%f] %v");
    log->set_level(spdlog::level::trace);
    log->flush_on(spdlog::level::trace); // also what it did just before somebody kills it
}

} // namespace

int read_input(i2c_transactions& bus, int input)
{
    const int start = start_or_idle | (config + input * next_input);
    bus.write(address, {config_register, static_cast<std::uint8_t>(start >> 8),
                        static_cast<std::uint8_t>(start & 0xff)});
    const auto read_register = [&bus](std::uint8_t which) {
        std::array<std::uint8_t, 2> bytes{};
        bus.write_read(address, {which}, bytes);
        return bytes[0] << 8 | bytes[1];
    };
    const auto give_up = clock_type::now() + longest_wait;
    std::this_thread::sleep_for(usual_wait);
    while ((read_register(config_register) & start_or_idle) == 0) {
        if (clock_type::now() > give_up)
            throw std::runtime_error{"the ADS1115 does not finish its conversion"};
        std::this_thread::sleep_for(200us);
    }
    return static_cast<std::int16_t>(read_register(conversion_register));
}

void be_one_program(const task& asked, int input, bool in_sessions)
{
    if (!asked.logs.empty())
        log_lock_to(asked.logs + "/program-" + std::to_string(input + 1) +
                    (in_sessions ? ".log" : "-no-session.log"));
    i2c_bus bus{asked.bus};
    std::puts("ready");
    flush_output();
    while (std::getchar() != EOF) { // both start when the input ends
    }
    std::puts(nlohmann::json(read_for(asked.duration, bus, input, in_sessions)).dump().c_str());
}
