#include "whole_file.hpp"

#include "descriptor.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

void write(const std::filesystem::path& path, std::string_view contents)
{
    std::ofstream file{path, std::ios::binary};
    file << contents;
    file.close();
    if (!file)
        throw std::system_error{errno, std::generic_category(), "cannot write " + path.string()};
}

/// Only if there is nothing of the name, not even somebody's link to elsewhere. With the mode of `old`, if
/// that is there.
void create(const std::filesystem::path& path, const std::filesystem::path& old)
{
    const descriptor fd{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
    struct stat status {};
    if (!fd.is_open() || (stat(old.c_str(), &status) == 0 && fchmod(fd.get(), status.st_mode & 07777U) != 0))
        throw std::system_error{errno, std::generic_category(), "cannot make " + path.string()};
}

} // namespace

void write_whole_file(const std::filesystem::path& path, std::string_view contents)
{
    namespace fs = std::filesystem;
    if (fs::exists(path) && !fs::is_regular_file(path)) {
        write(path, contents);
        return;
    }
    const auto target = fs::exists(path) ? fs::canonical(path) : path; // what a link names, not the link
    auto unfinished = target;
    unfinished += "." + std::to_string(getpid());
    std::error_code ignored;
    fs::remove(unfinished, ignored); // of a program with this number that was killed
    try {
        create(unfinished, target);
        write(unfinished, contents);
        fs::rename(unfinished, target);
    } catch (...) {
        fs::remove(unfinished, ignored);
        throw;
    }
}

} // namespace resourcelock::cli
