#include "peers.hpp"

#include <resourcelock/resource_lock.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <thread>
#include <utility>

#include <unistd.h>

namespace test {

namespace {

const char* name_of(resourcelock::owner_status status)
{
    using resourcelock::owner_status;
    switch (status) {
    case owner_status::none:
        return "none";
    case owner_status::alive:
        return "alive";
    case owner_status::dead:
        return "dead";
    case owner_status::detached:
        return "detached";
    case owner_status::unknown:
        break;
    }
    return "unknown";
}

std::pair<std::string, std::string> split(const std::string& line)
{
    const auto space = line.find(' ');
    if (space == std::string::npos)
        return {line, {}};
    return {line.substr(0, space), line.substr(space + 1)};
}

std::string python_bool(bool value) { return value ? "True" : "False"; }

/// The C++ peer.
const role cpp_peer{
    "cpp_peer", [](const std::vector<std::string>& args) {
        resourcelock::resource_lock lock{args.at(0)};
        using rest_of_line = const std::string&;
        const auto get = [&](rest_of_line rest) {
            const auto [seconds, info] = split(rest);
            return python_bool(lock.get_lock(
                {.timeout = std::chrono::duration<double>{std::stod(seconds)}, .lock_info = info}));
        };
        const std::map<std::string, std::function<std::string(rest_of_line)>> commands{
            {"get", get},
            {"wait",
             [&](rest_of_line rest) {
                 say("waiting");
                 return get(rest);
             }},
            {"unget", [&](rest_of_line) { return python_bool(lock.unget_lock()); }},
            {"force", [&](rest_of_line) { return python_bool(lock.unget_lock({.force = true})); }},
            {"mine", [&](rest_of_line) { return python_bool(lock.I_have_the_lock()); }},
            {"value", [&](rest_of_line) { return std::to_string(lock.lock_value()); }},
            {"info", [&](rest_of_line) { return lock.get_lock_info(); }},
            {"setinfo",
             [&](rest_of_line rest) {
                 lock.set_lock_info(rest);
                 return std::string{"None"};
             }},
            {"locked", [&](rest_of_line) { return python_bool(lock.is_locked()); }},
            {"status", [&](rest_of_line) { return std::string{name_of(lock.state().status)}; }},
            {"recovered", [&](rest_of_line) { return python_bool(lock.recovered()); }},
            {"detach", [&](rest_of_line) { return python_bool(lock.detach()); }},
        };
        say("ready");
        while (const auto line = hear()) {
            const auto [command, rest] = split(*line);
            if (command == "quit")
                break;
            try {
                say(commands.at(command)(rest));
            } catch (const std::exception& error) {
                say(error.what());
            }
        }
        return 0;
    }};

std::vector<std::string> python_command()
{
    // isolated and without site packages: nothing but the standard library, and twice as fast to start
    return {PYTHON_INTERPRETER, "-I", "-S", PYTHON_PEER_SCRIPT};
}

} // namespace

peer::peer(child process) : process_{std::move(process)} { EXPECT_EQ(answer(), "ready"); }

peer peer::python(const std::string& lock_name, std::size_t shared_mem_size)
{
    auto command = python_command();
    command.insert(command.end(), {lock_name, std::to_string(shared_mem_size)});
    return peer{child::of(command)};
}

peer peer::cpp(const std::string& lock_name) { return peer{child::in_role("cpp_peer", {lock_name})}; }

std::string peer::ask(const std::string& command)
{
    process_.tell(command);
    return answer();
}

std::string peer::answer() { return process_.line().value_or("(no answer)"); }

void peer::wait_for_lock(const std::string& seconds_and_info)
{
    process_.tell("wait " + seconds_and_info);
    EXPECT_EQ(answer(), "waiting");
    EXPECT_TRUE(becomes_true([&] { return state_of(process_.pid()) == 'S'; })) << "it does not sleep";
}

void peer::stop()
{
    process_.signal(SIGSTOP);
    EXPECT_TRUE(becomes_true([&] { return state_of(process_.pid()) == 'T'; })) << "it does not stop";
}

void peer::finish()
{
    process_.tell("quit");
    EXPECT_EQ(process_.wait(), 0);
}

std::optional<std::string> python_is_missing()
{
    for (const char* const path : {PYTHON_INTERPRETER, PYTHON_PEER_SCRIPT}) {
        if (!std::filesystem::exists(path))
            return std::string{"there is no "} + path + " on this machine";
    }
    return std::nullopt;
}

std::size_t length_of_time(const std::string& info)
{
    const std::string form = "dddd-dd-dd dd:dd:dd.dddddd";
    std::size_t size = 0;
    const auto fits = [&](char expected, char found) {
        return expected == 'd' ? found >= '0' && found <= '9' : found == expected;
    };
    while (size < std::min(form.size(), info.size()) && fits(form[size], info[size]))
        ++size;
    return size == 19 || size == 26 ? size : 0;
}

std::string without_time(const std::string& info)
{
    const std::string separator = " - ";
    const auto time = length_of_time(info);
    return time != 0 && info.compare(time, separator.size(), separator) == 0
               ? info.substr(time + separator.size())
               : info;
}

bool becomes_true(const std::function<bool()>& what, std::chrono::milliseconds within)
{
    const auto end = std::chrono::steady_clock::now() + within;
    while (!what()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

char state_of(pid_t pid)
{
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    const std::string stat{std::istreambuf_iterator<char>{file}, {}};
    const auto name_end = stat.rfind(')'); // the name may hold spaces and parentheses itself
    return name_end == std::string::npos || name_end + 2 >= stat.size() ? '?' : stat[name_end + 2];
}

} // namespace test
