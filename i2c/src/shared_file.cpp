#include "shared_file.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace resourcelock {

namespace {

[[noreturn]] void fail(int error, std::string_view what, const std::string& sentence)
{
    throw std::system_error{error, std::system_category(), std::string{what} + ": " + sentence};
}

void create(const shared_file::description& which)
{
    const auto failed = create_whole(which.path, which.fresh);
    if (!failed)
        return;
    const char* const hint =
        failed->at == failed_creation::step::create ? " (is /dev/shm there and writable?)" : "";
    fail(failed->error, which.what, which.path + " cannot be created" + hint);
}

std::string cannot_open(const std::string& path)
{
    return path + " cannot be opened: who owns it? (`ls -l " + path + "`) Remove it if nobody uses it";
}

descriptor open_or_create(const shared_file::description& which)
{
    for (;;) {
        descriptor found{open(which.path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
        if (found.is_open())
            return found;
        const int error = errno;
        if (error != ENOENT)
            fail(error, which.what, cannot_open(which.path));
        create(which);
    }
}

bool has_format(int file, const shared_file::description& which)
{
    std::vector<std::byte> format(which.format_size);
    struct stat facts {};
    return fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) &&
           static_cast<std::size_t>(facts.st_size) == which.fresh.content.size() &&
           pread(file, format.data(), format.size(), 0) == static_cast<ssize_t>(format.size()) &&
           std::memcmp(format.data(), which.fresh.content.data(), format.size()) == 0;
}

} // namespace

shared_file::shared_file(const description& which)
    : descriptor_{open_or_create(which)}, size_{which.fresh.content.size()}
{
    if (!has_format(descriptor_.get(), which))
        fail(EINVAL, which.what,
             which.path +
                 " is from another version of this library or something else: remove it if nobody uses it");
    memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_.get(), 0);
    if (memory_ == MAP_FAILED)
        fail(errno, which.what, which.path + " cannot be mapped");
}

bool shared_file::is_removed() const noexcept
{
    struct stat facts {};
    return fstat(descriptor_.get(), &facts) != 0 || facts.st_nlink == 0;
}

shared_file::~shared_file() { munmap(memory_, size_); }

} // namespace resourcelock
