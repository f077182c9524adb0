#include "logging.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <string>

namespace resourcelock {

namespace {

std::shared_ptr<spdlog::logger> find_or_make(const std::string& name)
{
    if (auto existing = spdlog::get(name)) // the program made one of its own
        return existing;
    // Through stdio's stdout, so that lines come in order with what the program prints.
    auto made = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stdout_sink_mt>());
    made->set_level(spdlog::level::warn);
    spdlog::register_logger(made);
    return made;
}

loggers make() noexcept
{
    try {
        return {find_or_make("resourcelock"), find_or_make("resourcelock_islocked")};
    } catch (...) { // without memory for loggers the lock works all the same, silently
        return {};
    }
}

const bool made_before_main = (loggers::all(), true);

} // namespace

const loggers* loggers::make_all() noexcept
{
    return new loggers{make()}; // NOLINT(bugprone-unhandled-exception-at-new)
}

} // namespace resourcelock
