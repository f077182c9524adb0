#include "process_facts.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>

#include <unistd.h>

namespace resourcelock {

namespace {

std::uint64_t read_start_time()
{
    std::ifstream file{"/proc/self/stat"};
    const std::string stat{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = stat.rfind(')'); // the name may hold spaces and parentheses itself
    if (name_end == std::string::npos)
        return 0;
    std::istringstream rest{stat.substr(name_end + 1)};
    std::string skipped;
    for (int field = 3; field < 22; ++field)
        rest >> skipped;
    std::uint64_t ticks = 0;
    rest >> ticks;
    return ticks;
}

} // namespace

process_facts read_process_facts()
{
    return {getpid(), geteuid(), read_start_time(), std::string{program_invocation_short_name}.substr(0, 15)};
}

[[gnu::tls_model("initial-exec")]] constinit thread_local known_thread calling_thread;

pid_t ask_for_thread_id(std::uint64_t process) noexcept
{
    calling_thread = {process, gettid()};
    return calling_thread.id;
}

} // namespace resourcelock
