#pragma once

#include "child.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// What a program printed, standard error included, and how it ended.
struct outcome {
    std::string output;
    std::optional<int> exit_code;

    friend bool operator==(const outcome&, const outcome&) = default;
    friend std::ostream& operator<<(std::ostream& out, const outcome& value)
    {
        return out << "exit code " << value.exit_code.value_or(-1) << ":\n" << value.output;
    }
};

/// Lets a program run to its end.
inline outcome run(const std::vector<std::string>& command)
{
    auto program = child::of(command, true);
    auto output = program.rest();
    return {std::move(output), program.wait()};
}

/// The times in lock infos made equal.
inline std::string without_times(const std::string& text)
{
    static const std::regex time{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})"};
    return std::regex_replace(text, time, "TIME");
}

inline testing::AssertionResult says(const outcome& result, const std::string& text)
{
    if (result.output.find(text) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no \"" << text << "\" in " << result;
}

inline testing::AssertionResult does_not_say(const outcome& result, const std::string& text)
{
    if (result.output.find(text) == std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << '"' << text << "\" in " << result;
}

} // namespace test
