#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace resourcelock {

/// What a lock's record tells about its holder's process. Read once per process.
struct process_facts {
    pid_t pid;
    uid_t uid;
    std::uint64_t
        start_time;   ///< clock ticks after boot, proc(5) /proc/PID/stat field 22; 0 when /proc is missing
    std::string comm; ///< at most 15 bytes
};

process_facts read_process_facts();

/// gettid(2), remembered per thread: a system call per acquire would cost more than the acquire.
pid_t thread_id() noexcept;

} // namespace resourcelock
