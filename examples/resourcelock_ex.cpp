// Wrap accesses to a shared resource with get_lock() and unget_lock().
#include <command_line.hpp>
#include <python_log_style.hpp>

#include <resourcelock/resource_lock.hpp>

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

namespace {

using namespace std::chrono_literals;

void use_the_resource(const std::string& lock_name, spdlog::logger& log)
{
    const auto warn = [&log](const std::string& text) {
        log.log(spdlog::source_loc{"resourcelock_ex", 1, "<module>"}, spdlog::level::warn, text);
    };
    resourcelock::resource_lock my_lock{lock_name};

    if (!my_lock.get_lock({.timeout = 1s, .lock_info = "resourcelock_ex.module #1"})) {
        warn("Lock <" + lock_name + "> request timeout");
    } else {
        warn("I have the <" + lock_name + "> lock");
        // do interesting stuff with known/secure access to the resource

        // Release the lock so that other processes & threads can use the resource
        my_lock.unget_lock({.where_called = "at end of code"});
        warn("Lock <" + lock_name + "> released");
    }
    my_lock.close();
}

} // namespace

int main(int argc, char** argv)
{
    constexpr auto program = "resourcelock_ex";
    try {
        CLI::App app{"Gets a lock, uses what it protects, and releases it.", program};
        std::string lock_name = "test_lock";
        app.add_option("LockName", lock_name, "name of the lock to use")->capture_default_str();
        if (const auto exit_code = resourcelock::cli::parse(app, argc, argv))
            return *exit_code;

        const auto library_log = spdlog::get("resourcelock");
        library_log->set_level(spdlog::level::debug);
        const auto log = spdlog::stdout_logger_st(program);
        for (const auto& logger : {library_log, log})
            logger->set_formatter(std::make_unique<resourcelock::python_log_style>());
        use_the_resource(lock_name, *log);
        return 0;
    } catch (const std::exception& error) {
        return resourcelock::cli::fail(program, error.what(), 1);
    }
}
