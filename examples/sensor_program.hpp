#pragma once

#include "device_program.hpp"
#include "stop_signals.hpp"

#include <resourcelock/lock_errc.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <optional>
#include <string>

/// A program that reads a sensor once, or again and again, and prints a line for each reading.
template <class Reading>
struct sensor_program {
    const char* name;
    const char* about;
    const char* device;
    std::function<Reading(resourcelock::i2c_bus& bus)> measure;
    std::function<void(const Reading& reading)> print;
    std::function<nlohmann::ordered_json(const Reading& reading)> to_json;
    std::function<void(CLI::App& app)> add_options = [](CLI::App&) {};

    /// Reads the command line and measures. Returns the exit code.
    [[nodiscard]] int run(int argc, char** argv) const
    {
        schedule plan;
        device_program program{.name = name, .about = about, .device = device, .job = {}, .add_options = {}};
        program.job = [&](const device_program::options& asked) {
            return measure_often(program, asked, plan);
        };
        program.add_options = [&](CLI::App& app) {
            plan.add_options(app);
            add_options(app);
        };
        return program.run(argc, argv);
    }

private:
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;

    struct schedule {
        seconds interval{1};
        std::optional<std::uint64_t> count = 1; ///< nothing: until interrupted

        void add_options(CLI::App& app)
        {
            auto* const every = app.add_option_function<double>(
                "--interval",
                [this](const double& given) {
                    if (!(given >= 0.001 && given <= 86400)) // nan is neither
                        throw CLI::ValidationError{"--interval must be 0.001 to 86400 seconds"};
                    interval = seconds{given};
                },
                "measure again every so many seconds, 0.001 to 86400, until interrupted; default: once");
            every->type_name("SECONDS");
            auto* const times = app.add_option_function<std::uint64_t>(
                "--count",
                [this](const std::uint64_t& given) {
                    if (given < 1 || given > 1'000'000'000)
                        throw CLI::ValidationError{"--count must be 1 to 1000000000"};
                    count = given;
                },
                "measure so many times; without --interval one second apart");
            times->type_name("N");
            app.callback([this, every, times] {
                if (every->count() > 0 && times->count() == 0)
                    count.reset();
            });
        }
    };

    int measure_often(const device_program& program, const device_program::options& asked,
                      const schedule& plan) const
    {
        const auto interval = std::chrono::duration_cast<clock::duration>(plan.interval);
        const stop_signals stop;
        std::optional<resourcelock::i2c_bus> bus{asked.bus};
        int exit_code = 0;
        auto due = clock::now();
        for (std::uint64_t made = 1;; ++made) {
            if (const auto reading = one_reading(program, asked, bus))
                print_line(asked.json, bus->name(), *reading);
            else
                exit_code = 1;
            if (made == plan.count)
                return exit_code;
            due += interval;
            if (const auto late = clock::now() - due; late > clock::duration::zero())
                due += (late / interval + 1) * interval; // leave out what is missed, keep the rhythm
            if (stop.came_until(due))
                return exit_code;
        }
    }

    /// Nothing when it failed, which is said then: what fails now may work next time.
    std::optional<Reading> one_reading(const device_program& program, const device_program::options& asked,
                                       std::optional<resourcelock::i2c_bus>& bus) const
    {
        try {
            if (!bus)
                bus.emplace(asked.bus);
            return measure(*bus);
        } catch (const std::exception& error) {
            program.fail(error);
            const auto* const of_system = dynamic_cast<const std::system_error*>(&error);
            if (of_system != nullptr && of_system->code() == resourcelock::lock_errc::lock_replaced)
                bus.reset(); // whoever opens the bus from now on has another lock: join them
            return std::nullopt;
        }
    }

    void print_line(bool json, const std::string& bus_name, const Reading& reading) const
    {
        if (json) {
            nlohmann::ordered_json line{{"time", time_now()}, {"bus", bus_name}};
            line.update(to_json(reading));
            std::puts(line.dump().c_str());
        } else {
            print(reading);
        }
        flush_output();
    }

    /// RFC 3339, to the millisecond.
    static std::string time_now()
    {
        using namespace std::chrono;
        const auto now = floor<milliseconds>(system_clock::now());
        const auto whole = floor<std::chrono::seconds>(now);
        const auto in_seconds = system_clock::to_time_t(whole);
        std::tm utc{};
        gmtime_r(&in_seconds, &utc);
        char text[32]{};
        const auto size = std::strftime(text, sizeof text, "%FT%T", &utc);
        std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>((now - whole).count()));
        return text;
    }
};
