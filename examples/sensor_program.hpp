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
class sensor_program {
public:
    sensor_program(const std::string& name, const std::string& about, std::string device)
        : options_{about, name}, device_{std::move(device)}
    {
        options_
            .add_option("--bus", bus_, "1, /dev/i2c-1, an adapter's name, or sim:NAME (needs no hardware)")
            ->type_name("BUS")
            ->capture_default_str();
        options_.add_flag("--json", json_, "print one line of JSON");
        options_.footer("Exit codes: 0 done, 1 failed (a line on standard error says why), 64 wrong usage.");
    }

    /// For options of a program's own.
    [[nodiscard]] CLI::App& options() { return options_; }
    [[nodiscard]] bool json() const { return json_; }

    /// Runs the job on the bus that the command line names. Returns the exit code.
    int run(int argc, char** argv, const std::function<void(resourcelock::i2c_bus&)>& job)
    {
        using namespace resourcelock;
        try {
            if (const auto exit_code = cli::parse(options_, argc, argv))
                return *exit_code;
            i2c_bus bus{bus_};
            job(bus);
            if (std::fflush(stdout) != 0)
                throw std::system_error{errno, std::generic_category(),
                                        "cannot write to the standard output"};
            return 0;
        } catch (const std::system_error& error) {
            const bool absent = error.code() == i2c_errc::no_acknowledge;
            return cli::fail(options_, (absent ? "no " + device_ + " found: " : "") + error.what(), 1);
        } catch (const std::exception& error) {
            return cli::fail(options_, error.what(), 1);
        }
    }

private:
    CLI::App options_;
    std::string device_;
    std::string bus_ = "1";
    bool json_ = false;
};
