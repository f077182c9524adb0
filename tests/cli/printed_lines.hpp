#pragma once

#include <string>

/// What the program `resourcelock` prints of a lock.
namespace test {

inline std::string locked(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> Currently locked: <True>, Lock info: <" + info + ">\n";
}

inline std::string unlocked(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> Currently locked: <False>, Lock info: <" + info + ">\n";
}

inline std::string got(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> get_lock called - Returned <True>, Currently locked: <True>, Lock info: <" + info +
           ">\n";
}

inline std::string not_got(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> get_lock called - Returned <False>, Currently locked: <True>, Lock info: <" +
           info + ">\n";
}

inline std::string released(const std::string& lock, const std::string& info = "TIME - cli")
{
    return "<" + lock + "> unget_lock called - Returned <True>, Currently locked: <False>, Lock info: <" +
           info + ">\n";
}

} // namespace test
