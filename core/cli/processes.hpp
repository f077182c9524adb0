#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

/// The processes on view in /proc, for those who look for users of something.
namespace resourcelock::cli {

/// By pid.
std::vector<pid_t> all_pids();

/// Whether there are processes that /proc does not list: of other users (mount option hidepid), or outside
/// the pid namespace (container) that we are in. `pids` are those it lists.
bool some_are_not_listed(const std::vector<pid_t>& pids);

/// Name of its program, UTF-8, at most 15 bytes; empty when the process has ended.
std::string program_of(pid_t pid);

/// 0 when the process has ended.
pid_t parent_of(pid_t pid);

/// Whether a signal or a debugger has stopped it: state T or t of proc(5) /proc/PID/stat.
bool is_stopped(pid_t pid);

/// What stands in a file of /proc; empty when it cannot be read.
std::string content_of(const std::string& path);

} // namespace resourcelock::cli
