#pragma once

#include "utf8.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/// What goes to the standard output.
namespace resourcelock::cli {

/// Prints text at once. Returns false when its reader has gone away, which is not an error (the program
/// ignores SIGPIPE).
inline bool print(const std::string& text)
{
    if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0)
        return true;
    if (errno == EPIPE)
        return false;
    throw std::system_error{errno, std::generic_category(), "cannot write to the standard output"};
}

/// The same with a line for people: control characters are escaped.
inline bool say(const std::string& line) { return print(printable(line) + '\n'); }

inline bool reader_has_gone()
{
    pollfd output{STDOUT_FILENO, 0, 0};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

/// How the standard output wants its text.
struct output_style {
    bool colours = false;
    std::optional<std::size_t> width; ///< lines longer than that are cut

    /// A terminal has a width, and colours unless the user does not want any (https://no-color.org).
    static output_style of_stdout()
    {
        if (isatty(STDOUT_FILENO) == 0)
            return {};
        const auto value = [](const char* name) {
            const char* const text = getenv(name);
            return std::string_view{text == nullptr ? "" : text};
        };
        winsize size{};
        const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
        constexpr std::size_t usual_width = 80;
        return {.colours = value("NO_COLOR").empty() && value("TERM") != "dumb",
                .width = known ? size.ws_col : usual_width};
    }
};

} // namespace resourcelock::cli
