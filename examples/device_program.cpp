#include "device_program.hpp"

#include <command_line.hpp>

#include <resourcelock/i2c_errc.hpp>

#include <CLI/CLI.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

int device_program::run(int argc, char** argv) const
{
    std::signal(SIGPIPE, SIG_IGN); // or a reader that goes away would end us without a word
    try {
        CLI::App app{about, name};
        options asked;
        app.add_option("--bus", asked.bus,
                       "1, /dev/i2c-1, an adapter's name, or sim:NAME (needs no hardware)")
            ->type_name("BUS")
            ->capture_default_str();
        app.add_flag("--json", asked.json, "print JSON, one line each time");
        app.footer("Exit codes: 0 done, 1 failed (a line on standard error says why), 64 wrong usage.");
        add_options(app);
        if (const auto exit_code = resourcelock::cli::parse(app, argc, argv))
            return *exit_code;
        return job(asked);
    } catch (const std::exception& error) {
        return fail(error);
    }
}

int device_program::fail(const std::exception& error) const
{
    const auto* const of_system = dynamic_cast<const std::system_error*>(&error);
    const bool absent = of_system != nullptr && of_system->code() == resourcelock::i2c_errc::no_acknowledge;
    return resourcelock::cli::fail(
        name, (absent ? std::string{"no "} + device + " found: " : "") + error.what(), 1);
}

void flush_output()
{
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw std::system_error{errno, std::generic_category(), "cannot write to the standard output"};
}

std::string address_text(int address)
{
    char text[16];
    std::snprintf(text, sizeof text, "0x%02x", static_cast<unsigned>(address));
    return text;
}

void add_address_option(CLI::App& app, int& address, int lowest, int highest)
{
    const auto range = address_text(lowest) + " to " + address_text(highest);
    const auto take = [&address, lowest, highest, range](const int& given) {
        if (given < lowest || given > highest)
            throw CLI::ValidationError{"--address must be " + range};
        address = given;
    };
    app.add_option_function<int>("--address", take, range + ", as its pins say")->type_name("ADDRESS");
}
