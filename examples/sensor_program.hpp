#pragma once

#include <command_line.hpp>

#include <resourcelock/i2c_bus.hpp>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <system_error>

/// What the programs that talk to a device share: options, exit codes, and what they say when it does not
/// answer.
struct sensor_program {
    const char* name;
    const char* about;
    const char* device;
    std::function<void(resourcelock::i2c_bus& bus, bool json)> job;
    std::function<void(CLI::App& app)> add_options = [](CLI::App&) {};

    /// Reads the command line and does the job. Returns the exit code.
    [[nodiscard]] int run(int argc, char** argv) const
    {
        using namespace resourcelock;
        try {
            CLI::App app{about, name};
            std::string bus_name = "1";
            bool json = false;
            app.add_option("--bus", bus_name,
                           "1, /dev/i2c-1, an adapter's name, or sim:NAME (needs no hardware)")
                ->type_name("BUS")
                ->capture_default_str();
            app.add_flag("--json", json, "print one line of JSON");
            app.footer("Exit codes: 0 done, 1 failed (a line on standard error says why), 64 wrong usage.");
            add_options(app);
            if (const auto exit_code = cli::parse(app, argc, argv))
                return *exit_code;

            i2c_bus bus{bus_name};
            job(bus, json);
            if (std::fflush(stdout) != 0)
                throw std::system_error{errno, std::generic_category(),
                                        "cannot write to the standard output"};
            return 0;
        } catch (const std::system_error& error) {
            const bool absent = error.code() == i2c_errc::no_acknowledge;
            return cli::fail(name, (absent ? std::string{"no "} + device + " found: " : "") + error.what(),
                             1);
        } catch (const std::exception& error) {
            return cli::fail(name, error.what(), 1);
        }
    }
};
