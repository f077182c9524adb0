#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace resourcelock {

/// What a lock's record tells about its holder's process. Read once per lock object.
struct process_facts {
    pid_t pid;
    uid_t uid;
    std::uint64_t
        start_time;   ///< clock ticks after boot, proc(5) /proc/PID/stat field 22; 0 when /proc is missing
    std::string comm; ///< at most 15 bytes
};

process_facts read_process_facts();

/// A thread's id, and the process_mark() of the process in which it was asked for.
struct known_thread {
    std::uint64_t process = 0;
    pid_t id = 0;
};
[[gnu::tls_model("initial-exec")]] extern constinit thread_local known_thread calling_thread;

pid_t ask_for_thread_id(std::uint64_t process) noexcept;

/// gettid(2), remembered per thread: a system call per acquire would cost more than the acquire. `process` is
/// the current process_mark(), and not 0.
inline pid_t thread_id(std::uint64_t process) noexcept
{
    return calling_thread.process == process ? calling_thread.id : ask_for_thread_id(process);
}

} // namespace resourcelock
