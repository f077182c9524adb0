#pragma once

#include <string>
#include <system_error>

/// What an action throws.
namespace test {

inline std::error_code error_of(const auto& action)
{
    try {
        action();
    } catch (const std::system_error& error) {
        return error.code();
    }
    return {};
}

inline std::string error_text(const auto& action)
{
    try {
        action();
    } catch (const std::system_error& error) {
        return error.what();
    }
    return "no error";
}

} // namespace test
