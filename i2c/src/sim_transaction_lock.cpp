#include "sim_transaction_lock.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include <fcntl.h>

namespace resourcelock::sim {

namespace {

using namespace std::chrono_literals;

// Longer than any transaction of a program that runs: a fault makes one last a second.
constexpr auto longest_wait = 2s;

/// The lock belongs to what open() made, and that of a longer-lived descriptor would be kept by children
/// forked before.
int open_again(int file) noexcept
{
    std::array<char, 32> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", file);
    return open(path.data(), O_RDWR | O_CLOEXEC);
}

} // namespace

transaction_lock::transaction_lock(int file) noexcept : file_{open_again(file)}
{
    if (!file_.is_open()) {
        error_ = errno;
        return;
    }
    struct flock whole_file {};
    whole_file.l_type = F_WRLCK;
    whole_file.l_whence = SEEK_SET;
    const auto end = std::chrono::steady_clock::now() + longest_wait;
    while (fcntl(file_.get(), F_OFD_SETLK, &whole_file) != 0) {
        const bool busy = errno == EAGAIN || errno == EACCES;
        if (!busy || std::chrono::steady_clock::now() > end) {
            error_ = busy ? ETIMEDOUT : errno;
            return;
        }
        std::this_thread::sleep_for(50us);
    }
}

} // namespace resourcelock::sim
