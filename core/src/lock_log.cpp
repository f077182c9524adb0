#include "lock_log.hpp"

#include "info_text.hpp"

#include <unistd.h>

namespace resourcelock {

void log_request(const std::string& lockname, const get_options& options) noexcept
{
    log_line(loggers::all().lock, level::trace, "get_lock", [&] {
        return fmt::format("<{}> lock requested          - Process {:<7} <{}>", lockname, getpid(),
                           cut(options.lock_info, longest_text));
    });
}

void log_get(const std::string& lockname, const char* what, const lock_protocol& protocol) noexcept
{
    log_line(loggers::all().lock, level::debug, "get_lock",
             [&] { return fmt::format("<{}> {}<{}>", lockname, what, protocol.info()); });
}

void log_grant(const std::string& lockname, const lock_protocol& protocol) noexcept
{
    log_get(lockname, "lock request successful - Granted         ", protocol);
    if (protocol.recovered())
        log(level::info, "get_lock", "<{}> lock recovered          - Its last holder died", lockname);
}

void log_replaced(const std::string& lockname) noexcept
{
    log(level::trace, "get_lock", "<{}> lock request failed     - Its files were replaced", lockname);
}

void log_unget(const std::string& lockname, const char* what, const unget_options& options) noexcept
{
    log_line(loggers::all().lock, level::debug, "unget_lock",
             [&] { return fmt::format("<{}> {}  <{}>", lockname, what, options.where_called); });
}

} // namespace resourcelock
