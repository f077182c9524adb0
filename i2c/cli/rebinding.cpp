#include "rebinding.hpp"

#include "descriptor.hpp"
#include "shell_word.hpp"
#include "sysfs.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

/// Returns an errno, or 0. For a forked child: only what is safe there.
int write_word(const char* path, const std::string& word) noexcept
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    const int error = write(file, word.data(), word.size()) < 0 ? errno : 0;
    close(file);
    return error;
}

/// What the other process has to tell.
struct report {
    int unbind_error = 0;
    int bind_error = 0;
};

[[noreturn]] void unbind_and_bind(const fs::path& unbind, const fs::path& bind, const std::string& device,
                                  int to) noexcept
{
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE})
        std::signal(number, SIG_IGN);
    report result;
    result.unbind_error = write_word(unbind.c_str(), device);
    if (result.unbind_error == 0)
        result.bind_error = write_word(bind.c_str(), device);
    const auto told = write(to, &result, sizeof result);
    _exit(told == sizeof result ? 0 : 1);
}

std::optional<report> wait_for_report(int from)
{
    constexpr int patience_ms = 10'000;
    pollfd input{from, POLLIN, 0};
    report result;
    if (poll(&input, 1, patience_ms) != 1)
        return std::nullopt;
    if (read(from, &result, sizeof result) != sizeof result)
        throw std::system_error{EIO, std::system_category(), "the process that unbinds the driver has died"};
    return result;
}

void check(int error, const std::string& sentence)
{
    if (error != 0)
        throw std::system_error{error, std::system_category(), sentence};
}

} // namespace

std::string binding_command(const controller& which)
{
    return "echo " + shell_word(which.device.filename()) + " | sudo tee " +
           shell_word(which.driver_folder / "bind");
}

bool rebind(const controller& which)
{
    std::array<int, 2> ends{};
    check(pipe2(ends.data(), O_CLOEXEC) == 0 ? 0 : errno, "cannot make a pipe");
    const descriptor from{ends[0]};
    std::optional<descriptor> to{ends[1]};
    // All that the other process needs; also because an unbound device has no link to its driver's folder.
    const std::string device = which.device.filename();
    const auto unbind = which.driver_folder / "unbind";
    const auto bind = which.driver_folder / "bind";
    const auto child = fork();
    check(child < 0 ? errno : 0, "cannot start another process");
    if (child == 0)
        unbind_and_bind(unbind, bind, device, to->get());
    to.reset(); // or nobody would see that the other process has died
    const auto result = wait_for_report(from.get());
    if (!result)
        return false;
    waitpid(child, nullptr, 0);
    check(result->unbind_error, "cannot take " + device + " from the driver " + which.driver);
    check(result->bind_error, "the driver " + which.driver + " does not take " + device +
                                  " back; try again: " + binding_command(which));
    return true;
}

std::optional<int> adapter_of(const controller& which)
{
    using namespace std::chrono_literals;
    const auto end = std::chrono::steady_clock::now() + 5s; // udev gives the node its name and its group
    do {
        std::error_code error;
        for (fs::directory_iterator entry{which.device, error}, none; !error && entry != none;
             entry.increment(error)) {
            const auto number = sysfs::number_in_name(entry->path().filename().native());
            if (number && access(("/dev/i2c-" + std::to_string(*number)).c_str(), R_OK | W_OK) == 0)
                return number;
        }
        std::this_thread::sleep_for(20ms);
    } while (std::chrono::steady_clock::now() < end);
    return std::nullopt;
}

} // namespace resourcelock::cli
