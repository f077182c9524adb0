#pragma once

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <sysexits.h>

/// What all programs of this project do alike with their command line.
namespace resourcelock::cli {

/// UTF-8 text with its control characters as \xNN: nothing that somebody else wrote may move the cursor,
/// change colours or forge a line.
inline std::string printable(std::string_view text)
{
    constexpr char hex[] = "0123456789abcdef";
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        const bool is_c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0;
        if (is_c1) {
            byte = static_cast<unsigned char>(next);
            ++i;
        }
        if (is_c1 || byte < 0x20 || byte == 0x7f)
            result += {'\\', 'x', hex[byte >> 4], hex[byte & 0xf]};
        else
            result += static_cast<char>(byte);
    }
    return result;
}

/// One line on standard error, and the exit code to end with.
inline int fail(const char* program, std::string_view reason, int exit_code)
{
    std::fprintf(stderr, "%s: %s\n", program, printable(reason).c_str());
    return exit_code;
}

/// Reads words of the command line into what `app` was told. Returns an exit code when the program is to end:
/// after `--help` and `--version`, or EX_USAGE after a line that says what is wrong. Throws when help cannot
/// be printed.
inline std::optional<int> parse(CLI::App& app, std::vector<std::string> words)
{
    std::ranges::reverse(words); // as CLI11 wants them
    try {
        app.parse(std::move(words));
        return std::nullopt;
    } catch (const CLI::Success& asked) {
        app.exit(asked, std::cout, std::cerr);
        if (!std::cout.flush())
            throw std::system_error{errno, std::generic_category(), "cannot write to the standard output"};
        return EXIT_SUCCESS;
    } catch (const CLI::ParseError& error) {
        return fail(app.get_name().c_str(),
                    std::string{error.what()} + " (" + app.get_name() + " --help tells more)", EX_USAGE);
    }
}

/// The same with all of them.
inline std::optional<int> parse(CLI::App& app, int argc, char** argv)
{
    return parse(app, std::vector<std::string>{argv + 1, argv + argc});
}

/// Takes the words from `--` on away, and returns those behind it.
inline std::vector<std::string> cut_at_mark(std::vector<std::string>& words)
{
    const auto mark = std::ranges::find(words, "--");
    std::vector<std::string> behind{mark == words.end() ? mark : mark + 1, words.end()};
    words.erase(mark, words.end());
    return behind;
}

/// The program that `run` is to run and its own arguments: what was left behind the options, and what stood
/// behind `--`.
inline std::vector<std::string> program_in(std::vector<std::string> left,
                                           const std::vector<std::string>& behind)
{
    if (!left.empty() && left.front().starts_with('-'))
        throw CLI::ValidationError{"run has no option '" + left.front() + "'; the command stands behind --"};
    if (!left.empty() && !behind.empty())
        left.emplace_back("--");
    left.insert(left.end(), behind.begin(), behind.end());
    return left;
}

} // namespace resourcelock::cli
