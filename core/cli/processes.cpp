#include "processes.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

/// In any other one, processes outside are not on view. The number is PROC_PID_INIT_INO of the kernel's
/// include/linux/proc_ns.h.
bool in_first_pid_namespace()
{
    constexpr ino_t first = 0xeffffffc;
    struct stat status {};
    return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == first;
}

/// The fields of proc(5) /proc/PID/stat behind the program's name, which may contain anything: "T 1 ...".
std::string stat_fields(pid_t pid)
{
    const auto stat = content_of("/proc/" + std::to_string(pid) + "/stat");
    const auto name_end = stat.rfind(") ");
    return name_end == std::string::npos ? std::string{} : stat.substr(name_end + 2);
}

} // namespace

std::string content_of(const std::string& path)
{
    std::ifstream file{path};
    std::ostringstream content; // unlike an iterator it does not throw when the process ends under our hands
    content << file.rdbuf();
    return content.str();
}

std::string program_of(pid_t pid)
{
    const auto comm = content_of("/proc/" + std::to_string(pid) + "/comm");
    return valid_utf8(comm.substr(0, comm.find('\n')));
}

pid_t parent_of(pid_t pid)
{
    std::istringstream fields{stat_fields(pid)};
    char state = 0;
    pid_t parent = 0;
    fields >> state >> parent;
    return parent;
}

bool is_stopped(pid_t pid)
{
    const auto fields = stat_fields(pid);
    return fields.starts_with('T') || fields.starts_with('t');
}

std::vector<pid_t> all_pids()
{
    std::vector<pid_t> pids;
    std::error_code failed;
    for (fs::directory_iterator entry{"/proc", failed}, end; !failed && entry != end;
         entry.increment(failed)) {
        const auto name = entry->path().filename().string();
        pid_t pid = 0;
        const auto [stopped, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error == std::errc{} && stopped == name.data() + name.size())
            pids.push_back(pid);
    }
    std::ranges::sort(pids);
    return pids;
}

bool some_are_not_listed(const std::vector<pid_t>& pids)
{
    // Process 1 is always there; where it is not on view, others are not either.
    return pids.empty() || pids.front() != 1 || !in_first_pid_namespace();
}

} // namespace resourcelock::cli
