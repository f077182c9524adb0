#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace resourcelock::cli {

/// A word of a shell's command line.
inline std::string shell_word(const std::string& text)
{
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+,:@%";
    if (text.find_first_not_of(plain) == std::string::npos)
        return text;
    std::string quoted = "'";
    for (const char c : text)
        c == '\'' ? quoted += R"('\'')" : quoted += c;
    return quoted + '\'';
}

/// A whole command line.
inline std::string shell_words(const std::vector<std::string>& words)
{
    std::string line;
    for (const auto& word : words)
        line += (line.empty() ? "" : " ") + shell_word(word);
    return line;
}

/// The command that does `verb` to a lock, ready to be typed.
inline std::string command_line(const std::string& lock_name, const std::string& verb)
{
    return "resourcelock " + shell_word(lock_name.starts_with('-') ? '/' + lock_name : lock_name) + ' ' +
           verb;
}

} // namespace resourcelock::cli
