#include "command_line.hpp"

#include "output.hpp"
#include "utf8.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <system_error>
#include <utility>

namespace resourcelock::cli {

int fail(const char* program, std::string_view reason, int exit_code)
{
    std::fprintf(stderr, "%s: %s\n", program, printable(reason).c_str());
    return exit_code;
}

std::optional<int> parse(CLI::App& app, std::vector<std::string> words)
{
    std::ranges::reverse(words); // as CLI11 wants them
    try {
        app.parse(std::move(words));
        return std::nullopt;
    } catch (const CLI::Success& asked) {
        std::signal(SIGPIPE, SIG_IGN);
        std::ostringstream text;
        app.exit(asked, text, text);
        print(text.str());
        return EXIT_SUCCESS;
    } catch (const CLI::ParseError& error) {
        return fail(app.get_name().c_str(),
                    std::string{error.what()} + " (" + app.get_name() + " --help tells more)", EX_USAGE);
    }
}

std::optional<int> parse(CLI::App& app, int argc, char** argv)
{
    return parse(app, std::vector<std::string>{argv + 1, argv + argc});
}

seconds to_seconds(const std::string& text)
{
    double value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || !std::isfinite(value))
        throw CLI::ValidationError{"'" + text + "' is not a number of seconds"};
    return seconds{value};
}

seconds to_wait(const std::string& text, const char* option)
{
    const auto value = to_seconds(text);
    if (value < seconds{0})
        throw CLI::ValidationError{std::string{option} + " must be 0 or more"};
    return value;
}

std::vector<std::string> cut_at_mark(std::vector<std::string>& words)
{
    const auto mark = std::ranges::find(words, "--");
    std::vector<std::string> behind{mark == words.end() ? mark : mark + 1, words.end()};
    words.erase(mark, words.end());
    return behind;
}

std::vector<std::string> program_in(std::vector<std::string> left, const std::vector<std::string>& behind)
{
    if (!left.empty() && left.front().starts_with('-'))
        throw CLI::ValidationError{"run has no option '" + left.front() + "'; the command stands behind --"};
    if (!left.empty() && !behind.empty())
        left.emplace_back("--");
    left.insert(left.end(), behind.begin(), behind.end());
    return left;
}

} // namespace resourcelock::cli
