#include "process_facts.hpp"

#include "fork_mark.hpp"

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

pid_t thread_id() noexcept
{
    [[gnu::tls_model("initial-exec")]] thread_local struct {
        std::uint64_t process = 0;
        pid_t id = 0;
    } known;
    if (const auto process = process_mark(); known.id == 0 || known.process != process)
        known = {process, gettid()};
    return known.id;
}

} // namespace resourcelock
