#pragma once

#include <spdlog/fmt/fmt.h>
#include <spdlog/formatter.h>

#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string_view>

namespace resourcelock {

/// Log lines as Python's cjnfuncs writes them, column for column, so that the output of programs in both
/// languages can be compared: `   resourcelock.get_lock             -    DEBUG:  <test_lock> lock request
/// ...`. The module's name is the file name of the message's source location.
class python_log_style final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override
    {
        const auto known = [](const char* name) { return std::string_view{name == nullptr ? "" : name}; };
        fmt::format_to(std::back_inserter(line), "{:>15}.{:20} - {:>8}:  {}\n",
                       known(message.source.filename), known(message.source.funcname),
                       level_names.at(static_cast<std::size_t>(message.level)),
                       std::string_view{message.payload.data(), message.payload.size()});
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override
    {
        return std::make_unique<python_log_style>();
    }

private:
    static constexpr std::array<std::string_view, 7> level_names{"TRACE", "DEBUG",    "INFO", "WARNING",
                                                                 "ERROR", "CRITICAL", "OFF"};
};

} // namespace resourcelock
