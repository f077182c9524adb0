#pragma once

#include "lock_protocol.hpp"
#include "logging.hpp"

#include <resourcelock/resource_lock.hpp>

#include <spdlog/fmt/fmt.h>

#include <string>
#include <utility>

/// What the calls of a lock say in its log. The words at level debug are those of cjnfuncs.resourcelock, so
/// that a program's log can be compared with that of a Python program. What else `resourcelock NAME timeline`
/// has to know stands at the levels trace and info.
namespace resourcelock {

namespace level = spdlog::level;

inline bool logs(level::level_enum at) noexcept { return logs(loggers::all().lock, at); }

template <class... Arguments>
inline void log(level::level_enum at, const char* function, fmt::format_string<Arguments...> format,
                Arguments&&... arguments) noexcept
{
    log_line(loggers::all().lock, at, function,
             [&] { return fmt::format(format, std::forward<Arguments>(arguments)...); });
}

[[gnu::cold]] void log_request(const std::string& lockname, const get_options& options) noexcept;
[[gnu::cold]] void log_grant(const std::string& lockname, const lock_protocol& protocol) noexcept;
[[gnu::cold]] void log_replaced(const std::string& lockname) noexcept;
/// \param what happened, padded to the width of the others.
void log_get(const std::string& lockname, const char* what, const lock_protocol& protocol) noexcept;
void log_unget(const std::string& lockname, const char* what, const unget_options& options) noexcept;

} // namespace resourcelock
