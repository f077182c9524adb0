#include "lock_name.hpp"

#include "info_text.hpp"
#include "utf8.hpp"

#include <resourcelock/lock_errc.hpp>

#include <spdlog/fmt/fmt.h>

namespace resourcelock {

namespace {

/// NAME_MAX is 255 bytes, and the semaphore's file has "sem." before the name.
constexpr std::size_t longest_name = 251;

const char* fault_of(std::string_view name)
{
    if (name.empty())
        return "it is empty";
    if (name == "." || name == "..")
        return "it is a folder";
    if (name.find('/') != std::string_view::npos)
        return "it has a '/' after its beginning";
    if (const auto text = valid_utf8(name); printable(text) != text)
        return "it has control characters";
    if (name.starts_with("sem."))
        return R"(with the prefix "sem." it would be the file of another lock's semaphore)";
    if (name.size() > longest_name)
        return "it is longer than 251 bytes";
    return nullptr;
}

} // namespace

std::string checked_lock_name(std::string_view name)
{
    const auto bare = name.substr(name.starts_with('/') ? 1 : 0);
    if (const char* const fault = fault_of(bare)) {
        throw std::system_error{
            lock_errc::bad_name,
            fmt::format(R"(lock name "{}" cannot be used, {}; use a file name such as "i2c-1")",
                        printable(cut(bare, 300)), fault)};
    }
    return std::string{bare};
}

} // namespace resourcelock
