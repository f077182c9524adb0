#include "asking_user.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace resourcelock::cli {

uid_t asking_user()
{
    const char* const by_sudo = getenv("SUDO_UID");
    const std::string_view text = by_sudo == nullptr ? "" : by_sudo;
    uid_t user = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), user);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return geteuid() == 0 && whole ? user : geteuid();
}

const char* sudo() { return asking_user() == 0 ? "" : "sudo "; }

} // namespace resourcelock::cli
