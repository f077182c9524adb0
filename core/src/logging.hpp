#pragma once

#include "utf8.hpp"

#include <spdlog/logger.h>

#include <memory>

namespace resourcelock {

/// The library's loggers: `resourcelock`, and `resourcelock_islocked` for is_locked() alone, so that a
/// program can poll the lock without flooding its log. Registered with spdlog before main(); on standard
/// output, from level warning on.
struct loggers {
    std::shared_ptr<spdlog::logger> lock;
    std::shared_ptr<spdlog::logger> is_locked;

    static const loggers& all() noexcept;

private:
    static const loggers* make_all() noexcept;
};

inline const loggers& loggers::all() noexcept
{
    static const auto* const instance = make_all(); // never destroyed: locks may outlive static objects
    return *instance;
}

/// Whether lines of this level are on. Where a line's code would be in the way, it stands in a function of
/// its own that is called only then.
inline bool logs(const std::shared_ptr<spdlog::logger>& logger, spdlog::level::level_enum level) noexcept
{
    return logger != nullptr && logger->should_log(level);
}

/// One line in the name of `function`, control characters escaped; costs a level check when it is off. The
/// message is made by `text()`, only when it is on. Never throws: a lock that was taken stays taken though
/// there is no memory for the message.
template <class MakeText>
void log_line(const std::shared_ptr<spdlog::logger>& logger, spdlog::level::level_enum level,
              const char* function, MakeText text) noexcept
{
    if (!logs(logger, level))
        return;
    try {
        // spdlog prints no place whose line is 0
        logger->log(spdlog::source_loc{"resourcelock", 1, function}, level,
                    std::string_view{printable(text())});
    } catch (...) { // NOLINT(bugprone-empty-catch): there is nobody left to tell
    }
}

} // namespace resourcelock
