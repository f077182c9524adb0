#include "sim_file.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <type_traits>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace resourcelock::sim {

static_assert(std::is_trivially_copyable_v<shared_bus> && std::is_standard_layout_v<shared_bus>);

namespace {

[[noreturn]] void fail(int error, const std::string& sentence)
{
    throw std::system_error{error, std::system_category(), sentence};
}

/// Whoever sees the file sees all of it: it gets its name when it is complete. Returns false when somebody
/// else was faster.
bool create(const std::string& path)
{
    const auto sentence = "simulated bus: " + path + " cannot be created";
    const descriptor unnamed{open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    if (!unnamed.is_open())
        fail(errno, sentence + " (is /dev/shm there and writable?)");
    const shared_bus fresh;
    const auto written = pwrite(unnamed.get(), &fresh, sizeof fresh, 0);
    if (written != static_cast<ssize_t>(sizeof fresh))
        fail(written < 0 ? errno : ENOSPC, sentence);
    if (fchmod(unnamed.get(), 0600) != 0) // a umask may have taken the owner's rights
        fail(errno, sentence);
    const auto link_from = "/proc/self/fd/" + std::to_string(unnamed.get());
    if (linkat(AT_FDCWD, link_from.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0)
        return true;
    if (errno != EEXIST)
        fail(errno, sentence);
    return false;
}

descriptor open_or_create(const std::string& path)
{
    for (;;) {
        descriptor found{open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
        if (found.is_open())
            return found;
        if (errno != ENOENT)
            fail(errno, "simulated bus: " + path +
                            " cannot be opened: take another NAME, or remove it if nobody uses it");
        create(path);
    }
}

bool has_our_format(int file)
{
    static const shared_bus fresh;
    char format[sizeof fresh.format] = {};
    struct stat facts {};
    return fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == sizeof(shared_bus) &&
           pread(file, format, sizeof format, 0) == sizeof format &&
           std::memcmp(format, fresh.format, sizeof format) == 0;
}

} // namespace

file::file(std::string_view name)
    : descriptor_{open_or_create("/dev/shm/i2c-sim-" + std::string{name} + ".devices")}
{
    const auto path = "/dev/shm/i2c-sim-" + std::string{name} + ".devices";
    if (!has_our_format(descriptor_.get()))
        fail(EINVAL,
             "simulated bus: " + path +
                 " is from another version of this library or something else: remove it if nobody uses it");
    void* memory =
        mmap(nullptr, sizeof(shared_bus), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_.get(), 0);
    if (memory == MAP_FAILED)
        fail(errno, "simulated bus: " + path + " cannot be mapped");
    contents_ = static_cast<shared_bus*>(memory);
}

file::~file() { munmap(contents_, sizeof(shared_bus)); }

} // namespace resourcelock::sim
