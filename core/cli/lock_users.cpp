#include "lock_users.hpp"

#include "descriptor.hpp"
#include "lock_name.hpp"
#include "processes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

struct mapping {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string access; ///< like "rw-s"
    dev_t device = 0;
    ino_t inode = 0;
    std::string path;

    [[nodiscard]] bool is_of(const shm_file& file) const noexcept
    {
        return file.exists && device == file.device && inode == file.inode;
    }
    /// What keeps the byte of an object's token locked: nobody reads or writes it.
    [[nodiscard]] bool is_witness() const noexcept { return access == "---s"; }
};

/// A line of /proc/PID/maps: "7f10-7f20 rw-s 00000000 00:17 123    /dev/shm/sem.i2c-1". Nullopt for a private
/// mapping: most are, and none is a lock's.
std::optional<mapping> shared_mapping(const std::string& line)
{
    const auto access = line.find(' ') + 1;
    if (access == 0 || line.size() < access + 4 || line[access + 3] != 's')
        return std::nullopt;
    mapping found;
    std::istringstream fields{line};
    std::uint64_t offset = 0;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    char separator = 0;
    fields >> std::hex >> found.begin >> separator >> found.end >> found.access >> offset >> major_number >>
        separator >> minor_number >> std::dec >> found.inode >> std::ws;
    found.device = makedev(major_number, minor_number);
    std::getline(fields, found.path);
    return found;
}

std::vector<mapping> shared_mappings(const std::string& maps)
{
    std::vector<mapping> found;
    std::istringstream lines{maps};
    for (std::string line; std::getline(lines, line);)
        if (auto one = shared_mapping(line))
            found.push_back(std::move(*one));
    return found;
}

/// Empty for a process without memory or one that has ended; nullopt when we may not look.
std::optional<std::string> maps_of(pid_t pid)
{
    const auto path = "/proc/" + std::to_string(pid) + "/maps";
    if (!descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)}.is_open())
        return errno == EACCES || errno == EPERM ? std::nullopt : std::optional{std::string{}};
    return content_of(path);
}

bool runs_python(pid_t pid, const std::string& maps)
{
    std::error_code gone;
    const auto program = fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", gone).filename().string();
    return program.starts_with("python") || maps.find("/libpython") != std::string::npos;
}

/// What a thread does in the kernel, by proc(5) /proc/PID/task/TID/syscall: the number and the arguments of
/// the system call it is in, or "running".
struct sleeping_place {
    bool known = false;
    bool is_futex = false;
    std::uint64_t address = 0;

    explicit sleeping_place(const std::string& syscall)
    {
        std::istringstream fields{syscall};
        long number = -1;
        if (!(fields >> number))
            return;
        known = static_cast<bool>(fields >> std::hex >> address);
        is_futex = number == SYS_futex || number == SYS_restart_syscall;
#ifdef SYS_futex_time64
        is_futex = is_futex || number == SYS_futex_time64;
#endif
    }
    [[nodiscard]] bool is_in(const mapping& place) const noexcept
    {
        return known && is_futex && address >= place.begin && address < place.end;
    }
};

std::vector<sleeping_place> sleeping_places(pid_t pid)
{
    std::vector<sleeping_place> places;
    std::error_code gone;
    for (fs::directory_iterator thread{"/proc/" + std::to_string(pid) + "/task", gone}, end;
         !gone && thread != end; thread.increment(gone))
        places.emplace_back(content_of(thread->path() / "syscall"));
    return places;
}

/// How many of its threads may sleep inside a semaphore that is mapped there. When in doubt they may.
unsigned sleepers_at(pid_t pid, const std::vector<mapping>& semaphores)
{
    const auto places = sleeping_places(pid);
    return static_cast<unsigned>(std::ranges::count_if(places, [&](const auto& thread) {
        return std::ranges::any_of(semaphores,
                                   [&](const auto& place) { return !thread.known || thread.is_in(place); });
    }));
}

/// What the mappings of one process have to do with the lock.
class mapped_files {
public:
    mapped_files(const std::string& name, const lock_evidence& evidence, dev_t folder)
        : evidence_{evidence},
          folder_{folder},
          removed_{segment_path(name) + " (deleted)", semaphore_path(name) + " (deleted)"}
    {}

    void add(mapping found)
    {
        if (found.is_of(evidence_.segment)) {
            maps_segment_ = true;
            witnesses_ += found.is_witness() ? 1U : 0U;
        } else if (found.is_of(evidence_.semaphore)) {
            semaphores_.push_back(std::move(found));
        } else if (found.device == folder_) {
            removed_of_name_ |= found.path == removed_.first || found.path == removed_.second;
            removed_semaphore_ |=
                found.path.starts_with(semaphore_path("")) && found.path.ends_with(" (deleted)");
        }
    }

    [[nodiscard]] bool has_lock() const noexcept { return maps_segment_ || !semaphores_.empty(); }
    /// Whoever made a semaphore with sem_open maps it under a passing name, also while it is in use.
    [[nodiscard]] bool has_removed_files() const noexcept
    {
        return removed_of_name_ || (maps_segment_ && semaphores_.empty() && removed_semaphore_);
    }
    [[nodiscard]] bool beside_record() const noexcept { return semaphores_.size() > witnesses_; }
    [[nodiscard]] const std::vector<mapping>& semaphores() const noexcept { return semaphores_; }

private:
    const lock_evidence& evidence_;
    dev_t folder_;
    std::pair<std::string, std::string> removed_;
    std::vector<mapping> semaphores_;
    std::size_t witnesses_ = 0;
    bool maps_segment_ = false;
    bool removed_of_name_ = false;
    bool removed_semaphore_ = false;
};

std::optional<lock_user> user_from(pid_t pid, const std::string& maps, mapped_files files)
{
    for (auto& found : shared_mappings(maps))
        files.add(std::move(found));
    if (!files.has_lock() && !files.has_removed_files())
        return std::nullopt;
    return lock_user{.pid = pid,
                     .program = program_of(pid),
                     .is_python = runs_python(pid, maps),
                     .has_lock = files.has_lock(),
                     .has_removed_files = files.has_removed_files(),
                     .beside_record = files.beside_record(),
                     .possible_waiters = sleepers_at(pid, files.semaphores())};
}

} // namespace

bool lock_users::seen_by_root() const noexcept { return complete() || (geteuid() == 0 && !some_not_listed); }

std::map<ino_t, unsigned> sleepers_by_file()
{
    struct stat folder {};
    stat("/dev/shm", &folder);
    std::map<ino_t, unsigned> counts;
    for (const auto pid : all_pids()) {
        auto mappings = shared_mappings(maps_of(pid).value_or(""));
        std::erase_if(mappings, [&](const auto& one) { return one.device != folder.st_dev; });
        if (mappings.empty())
            continue;
        for (const auto& thread : sleeping_places(pid)) {
            const auto place =
                std::ranges::find_if(mappings, [&](const auto& one) { return thread.is_in(one); });
            if (place != mappings.end())
                ++counts[place->inode];
        }
    }
    return counts;
}

unsigned waiters_of(const lock_evidence& evidence, const std::map<ino_t, unsigned>& sleepers)
{
    const auto count = [&](const shm_file& file) {
        const auto found = sleepers.find(file.inode);
        return found == sleepers.end() ? 0U : found->second;
    };
    return count(evidence.semaphore) + count(evidence.segment);
}

lock_users find_users(const std::string& name, const lock_evidence& evidence)
{
    struct stat folder {};
    stat("/dev/shm", &folder);
    const mapped_files nothing{name, evidence, folder.st_dev};
    lock_users users;
    const auto pids = all_pids();
    users.some_not_listed = some_are_not_listed(pids);
    for (const auto pid : pids) {
        const auto maps = maps_of(pid);
        if (!maps)
            users.hidden.push_back({.pid = pid, .program = program_of(pid)});
        else if (auto user = user_from(pid, *maps, nothing))
            users.all.push_back(std::move(*user));
    }
    return users;
}

} // namespace resourcelock::cli
