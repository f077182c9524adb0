#pragma once

#include <exception>
#include <functional>
#include <string>

namespace CLI {
class App;
}

/// What the programs that talk to a device share: options, exit codes, and what they say when it does not
/// answer.
struct device_program {
    struct options {
        std::string bus = "1";
        bool json = false;
    };

    const char* name;
    const char* about;
    const char* device;
    /// Returns the exit code.
    std::function<int(const options& asked)> job;
    std::function<void(CLI::App& app)> add_options = [](CLI::App&) {};

    /// Reads the command line and does the job. Returns the exit code.
    [[nodiscard]] int run(int argc, char** argv) const;

    /// A line on standard error. Returns the exit code for a failure.
    int fail(const std::exception& error) const;
};

/// Sends what was printed on its way at once: whoever reads it in a pipe wants to see it now.
void flush_output();

/// An address as datasheets write it.
std::string address_text(int address);

/// For devices whose pins choose among addresses.
void add_address_option(CLI::App& app, int& address, int lowest, int highest);
