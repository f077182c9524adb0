#include "shared_objects.hpp"

#include "lock_name.hpp"
#include "new_file.hpp"
#include "people.hpp"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace resourcelock {

namespace {

constexpr std::size_t largest_segment = 1U << 20U;
constexpr int open_flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

std::string advice_for(int error, const std::string& path)
{
    struct stat status {};
    switch (error) {
    case EACCES:
    case EPERM:
        if (stat(path.c_str(), &status) != 0)
            return "look at the permissions of /dev/shm (drwxrwxrwt expected)";
        return fmt::format("it belongs to user {}, group {}, mode {:04o}, and this program runs as user {}; "
                           "let its owner create it "
                           "with a mode and group that you share, or remove it",
                           user_name(status.st_uid), group_name(status.st_gid), status.st_mode & 07777U,
                           user_name(geteuid()));
    case ENOENT:
    case EROFS:
    case ENOTDIR:
        return "the lock needs a writable /dev/shm: mount -t tmpfs -o mode=1777 tmpfs /dev/shm";
    case ENOSPC:
    case ENOMEM:
        return "/dev/shm is full: df /dev/shm";
    case EMFILE:
    case ENFILE:
        return "too many open files: ulimit -n";
    case EFBIG:
        return "the limit of file sizes is too small: ulimit -f";
    case ELOOP:
    case EISDIR:
        return "it is not a regular file: remove it";
    default:
        return "look at it with: ls -l /dev/shm";
    }
}

[[noreturn]] void fail(int error, const char* what, const std::string& path)
{
    throw std::system_error{error, std::system_category(),
                            fmt::format("cannot {} {}; {}", what, path, advice_for(error, path))};
}

/// Beyond RLIMIT_FSIZE the kernel does not only refuse to write, it kills with SIGXFSZ.
void check_size_limit(std::size_t size, const std::string& path)
{
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < size)
        fail(EFBIG, "create", path);
}

void create(const std::string& path, std::span<const std::byte> content, const lock_options& options)
{
    check_size_limit(content.size(), path);
    const auto failed = create_whole(path, {content, options.mode, options.group});
    if (!failed)
        return;
    const auto refuse = [&](const std::string& why) {
        throw std::system_error{failed->error, std::system_category(), why};
    };
    switch (failed->at) {
    case failed_creation::step::create:
        return fail(failed->error, "create", path);
    case failed_creation::step::write:
        return fail(failed->error, "write", path);
    case failed_creation::step::set_group:
        return refuse(
            fmt::format("cannot give {} to group {}; be a member of that group", path, *options.group));
    case failed_creation::step::set_mode:
        return fail(failed->error, "set the mode of", path);
    case failed_creation::step::name:
        if (failed->error == ENOENT && access("/proc/self/fd", X_OK) != 0)
            refuse(fmt::format("cannot name {} without /proc: mount -t proc proc /proc", path));
        fail(failed->error, "name", path);
    }
}

descriptor open_or_create(const std::string& path, std::span<const std::byte> content,
                          const lock_options& options)
{
    for (;;) {
        descriptor fd{open(path.c_str(), open_flags)};
        if (fd.is_open())
            return fd;
        if (errno != ENOENT)
            fail(errno, "open", path);
        create(path, content, options);
    }
}

struct stat status_of(const descriptor& fd, const std::string& path)
{
    struct stat status {};
    if (fstat(fd.get(), &status) != 0)
        fail(errno, "look at", path);
    if (!S_ISREG(status.st_mode))
        fail(EISDIR, "use", path);
    return status;
}

void* map(const descriptor& fd, std::size_t size, const std::string& path)
{
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (memory == MAP_FAILED)
        fail(errno, "map", path);
    return memory;
}

/// A segment that is too small has its creator between shm_open and ftruncate, or dead there, or one that
/// wants less. Give it time, then grow it. fallocate and not ftruncate: it never shrinks what somebody else
/// grew meanwhile, and it takes the memory now rather than by a SIGBUS later.
void make_room(const descriptor& fd, const std::string& path)
{
    constexpr auto patience = std::chrono::milliseconds{50};
    constexpr auto step = std::chrono::milliseconds{1};
    const auto is_too_small = [&] {
        return static_cast<std::size_t>(status_of(fd, path).st_size) < segment_size;
    };
    for (auto waited = std::chrono::milliseconds{0}; is_too_small() && waited < patience; waited += step)
        std::this_thread::sleep_for(step);
    if (is_too_small())
        check_size_limit(segment_size, path);
    while (fallocate(fd.get(), 0, 0, static_cast<off_t>(segment_size)) != 0) {
        if (errno != EINTR) // which tmpfs says at any signal
            fail(errno, "allocate the memory of", path);
    }
}

/// A count that no sequence of ungets explains. It would take minutes to drain, and posting to the greatest
/// one fails.
void check_count(sem_t& semaphore, const std::string& path)
{
    int count = 0;
    sem_getvalue(&semaphore, &count);
    if (count > most_surplus_units) {
        throw std::system_error{
            lock_errc::broken_semaphore,
            fmt::format("{} counts {}; end the programs that use this lock and remove the file", path,
                        count)};
    }
}

void check(const lock_options& options)
{
    const auto refuse = [](const std::string& why) { throw std::system_error{lock_errc::bad_option, why}; };
    if (options.shared_mem_size < segment_size || options.shared_mem_size > largest_segment)
        refuse(
            fmt::format("shared_mem_size {} is not within 4096 and 1048576 bytes", options.shared_mem_size));
    if ((options.mode & ~mode_t{0666}) != 0 || (options.mode & 0600U) != 0600)
        refuse(fmt::format("mode {:04o} is not one like 0600, 0660 or 0666", options.mode));
}

} // namespace

shared_objects::shared_objects(const std::string& name, const lock_options& options)
    : semaphore_path_{semaphore_path(name)}, segment_path_{segment_path(name)}
{
    check(options);

    // The same bytes as sem_open(O_CREAT, mode, 1) writes, but with a mode that no umask can change.
    sem_t one{};
    sem_init(&one, 1, 1);
    const auto semaphore_fd = open_or_create(semaphore_path_, std::as_bytes(std::span{&one, 1}), options);
    const auto semaphore_status = status_of(semaphore_fd, semaphore_path_);
    if (semaphore_status.st_size != static_cast<off_t>(sizeof(sem_t))) {
        throw std::system_error{
            lock_errc::other_word_size,
            fmt::format(
                "{} has {} bytes and this program's semaphores have {}; programs that share a lock must "
                "all be 32-bit or all be 64-bit; if no program uses it, remove it",
                semaphore_path_, semaphore_status.st_size, sizeof(sem_t))};
    }
    const std::vector<std::byte> zeros(options.shared_mem_size);
    const auto segment_fd = open_or_create(segment_path_, zeros, options);
    make_room(segment_fd, segment_path_);

    semaphore_file_ = file_identity::of(semaphore_status);
    segment_file_ = file_identity::of(status_of(segment_fd, segment_path_));
    semaphore_ = static_cast<sem_t*>(map(semaphore_fd, sizeof(sem_t), semaphore_path_));
    try {
        check_count(*semaphore_, semaphore_path_);
        segment_ = static_cast<segment*>(map(segment_fd, segment_size, segment_path_));
    } catch (...) {
        munmap(semaphore_, sizeof(sem_t));
        throw;
    }
}

shared_objects::~shared_objects()
{
    munmap(semaphore_, sizeof(sem_t));
    munmap(segment_, segment_size);
}

descriptor shared_objects::open_segment() const noexcept
{
    descriptor fd{open(segment_path_.c_str(), open_flags)};
    struct stat status {};
    if (fd.is_open() && (fstat(fd.get(), &status) != 0 || file_identity::of(status) != segment_file_)) {
        errno = ESTALE;
        return descriptor{-1};
    }
    return fd;
}

bool shared_objects::replaced() const noexcept
{
    const auto moved = [](const std::string& path, const file_identity& file) {
        struct stat status {};
        if (stat(path.c_str(), &status) != 0)
            return errno == ENOENT;
        return file_identity::of(status) != file;
    };
    return moved(semaphore_path_, semaphore_file_) || moved(segment_path_, segment_file_);
}

} // namespace resourcelock
