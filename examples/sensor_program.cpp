#include "sensor_program.hpp"

#include "stop_signals.hpp"

#include <resourcelock/lock_errc.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <system_error>

namespace {

using std::chrono::steady_clock;
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

/// RFC 3339, to the millisecond.
std::string time_now()
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
void print_line(const reading_program& readings, bool json, const std::string& bus_name)
{
    if (json) {
        nlohmann::ordered_json line{{"time", time_now()}, {"bus", bus_name}};
        for (const auto& [name, value] : readings.fields())
            std::visit([&line, &key = name](const auto& content) { line[key] = content; }, value);
        std::puts(line.dump().c_str());
    } else {
        readings.print();
    }
    flush_output();
}

/// Returns false when it failed, which is said then: what fails now may work next time.
bool take_one(const reading_program& readings, const device_program& program, const std::string& bus_name,
              std::optional<resourcelock::i2c_bus>& bus)
{
    try {
        if (!bus)
            bus.emplace(bus_name);
        readings.take(*bus);
        return true;
    } catch (const std::exception& error) {
        program.fail(error);
        const auto* const of_system = dynamic_cast<const std::system_error*>(&error);
        if (of_system != nullptr && of_system->code() == resourcelock::lock_errc::lock_replaced)
            bus.reset(); // whoever opens the bus from now on has another lock: join them
        return false;
    }
}

int take_often(const reading_program& readings, const device_program& program,
               const device_program::options& asked, const schedule& plan)
{
    const auto interval = std::chrono::duration_cast<steady_clock::duration>(plan.interval);
    const stop_signals stop;
    std::optional<resourcelock::i2c_bus> bus{asked.bus};
    int exit_code = 0;
    auto due = steady_clock::now();
    for (std::uint64_t made = 1;; ++made) {
        if (take_one(readings, program, asked.bus, bus))
            print_line(readings, asked.json, bus->name());
        else
            exit_code = 1;
        if (made == plan.count)
            return exit_code;
        due += interval;
        if (const auto late = steady_clock::now() - due; late > steady_clock::duration::zero())
            due += (late / interval + 1) * interval; // leave out what is missed, keep the rhythm
        if (stop.came_until(due))
            return exit_code;
    }
}

} // namespace

int reading_program::run(int argc, char** argv) const
{
    schedule plan;
    device_program program{.name = name, .about = about, .device = device, .job = {}, .add_options = {}};
    program.job = [&](const device_program::options& asked) {
        return take_often(*this, program, asked, plan);
    };
    program.add_options = [&](CLI::App& app) {
        plan.add_options(app);
        add_options(app);
    };
    return program.run(argc, argv);
}
