// Each way in which the owner of a lock gets a child, and what the child looks at.
#include "fork_family.hpp"
#include "child.hpp"

#include <resourcelock/resource_lock.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <sstream>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace resourcelock;
using namespace std::chrono_literals;
using test::way;

/// The owner's lock, which its children inherit. Static, so that exit() in a child destroys it.
std::unique_ptr<resource_lock> inherited;

// ---- what a child does

bool throws_used_after_fork(const std::function<void()>& call)
{
    try {
        call();
    } catch (const std::system_error& error) {
        return error.code() == lock_errc::used_after_fork;
    }
    return false;
}

/// What the inherited object allows in a child although it must not; empty when all is well.
std::string wrong_with_the_inherited_object()
{
    auto& lock = *inherited;
    std::ostringstream wrong;
    const auto expect = [&](bool good, std::string_view what) {
        if (!good)
            wrong << ' ' << what;
    };
    const auto expect_error = [&](std::string_view what, const auto& call) {
        std::error_code error;
        call(error);
        expect(error == lock_errc::used_after_fork, what);
    };
    const auto expect_throw = [&](std::string_view what, const auto& call) {
        expect(throws_used_after_fork([&] { static_cast<void>(call()); }), what);
    };

    expect(!lock.I_have_the_lock(), "I_have_the_lock");
    expect_error("get_lock,error",
                 [&](auto& error) { expect(!lock.get_lock({.timeout = 0s}, error), "got"); });
    expect_error("unget_lock,error",
                 [&](auto& error) { expect(!lock.unget_lock({.force = true}, error), "ungot"); });
    expect_error("set_lock_info,error", [&](auto& error) { lock.set_lock_info("child", error); });
    expect_error("check_hold", [&](auto& error) { lock.check_hold(error); });
    expect_throw("get_lock", [&] { return lock.get_lock({.same_process_ok = true}); });
    expect_throw("unget_lock", [&] { return lock.unget_lock(); });
    expect_throw("is_locked", [&] { return lock.is_locked(); });
    expect_throw("lock_value", [&] { return lock.lock_value(); });
    expect_throw("get_lock_info", [&] { return lock.get_lock_info(); });
    expect_throw("set_lock_info", [&] { lock.set_lock_info("child"); });
    expect_throw("state", [&] { return lock.state(); });
    expect_throw("detach", [&] { return lock.detach(); });
    expect_throw("lock", [&] { lock.lock(); });
    expect_throw("try_lock", [&] { return lock.try_lock(); });
    lock.unlock();
    return wrong.str();
}

/// An object of the child's own meets its parent's hold like anybody else's.
std::string wrong_with_an_object_of_its_own(resource_lock& own)
{
    const auto state = own.state();
    if (!own.is_locked() || state.status != owner_status::alive)
        return " sees-no-hold";
    if (!state.owner || state.owner->pid == getpid())
        return " sees-another-owner";
    if (own.I_have_the_lock() || own.unget_lock() || own.get_lock({.timeout = 20ms}))
        return " robs-its-parent";
    return {};
}

/// Says "child PID good", or what is wrong instead, and waits until told to end, or until the test has gone.
void be_a_child()
{
    auto wrong = wrong_with_the_inherited_object();
    resource_lock own{inherited->lockname()};
    wrong += wrong_with_an_object_of_its_own(own);
    test::say("child " + std::to_string(getpid()) + (wrong.empty() ? " good" : wrong));
    test::hear();
}

[[noreturn]] void live_as_a_child()
{
    be_a_child();
    std::exit(0);
}

/// As live_as_a_child(), by a program that knows nothing of locks.
const char* const other_program = "echo child $$ good; read line";

// ---- how it comes about

void fork_it()
{
    if (fork() == 0)
        live_as_a_child();
}

/// As a C library of its own would do it: no handlers of pthread_atfork run.
void clone_it()
{
    if (syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr) == 0)
        live_as_a_child();
}

void vfork_it()
{
    if (vfork() == 0) {
        execl("/bin/sh", "sh", "-c", other_program, nullptr);
        _exit(127);
    }
}

void posix_spawn_it()
{
    std::string shell{"sh"};
    std::string option{"-c"};
    std::string program{other_program};
    char* const argv[] = {shell.data(), option.data(), program.data(), nullptr};
    pid_t pid = 0;
    posix_spawn(&pid, "/bin/sh", nullptr, nullptr, argv, environ);
}

void call_system() // which returns when the child ends
{
    std::thread{[] { static_cast<void>(std::system(other_program)); }}.detach();
}

void popen_it()
{
    FILE* const stream = popen(other_program, "r");
    char line[80];
    if (stream != nullptr && std::fgets(line, sizeof line, stream) != nullptr)
        test::say(std::string{line, std::string_view{line}.find('\n')});
}

void daemonise()
{
    const pid_t parent = fork();
    if (parent == 0) {
        setsid();
        if (fork() == 0)
            live_as_a_child();
        _exit(0);
    }
    waitpid(parent, nullptr, 0);
}

void fork_it_and_close_everything()
{
    if (fork() == 0) {
        close_range(3, ~0U, 0);
        live_as_a_child();
    }
}

void close_everything_and_fork()
{
    close_range(3, ~0U, 0);
    fork_it();
}

/// One of the threads looks at the owner's object, one wants the lock.
void fork_beside_threads()
{
    std::atomic<int> rounds{0};
    const std::jthread looker{[&](const std::stop_token& stop) {
        for (; !stop.stop_requested() && inherited->is_locked(); ++rounds) {
        }
    }};
    const std::jthread rival{[&](const std::stop_token& stop) {
        resource_lock lock{inherited->lockname()};
        for (; !stop.stop_requested(); ++rounds) {
            if (lock.get_lock({.timeout = 1ms}))
                std::abort();
        }
    }};
    while (rounds < 100)
        std::this_thread::yield();
    if (fork() == 0) {
        be_a_child();
        inherited.reset();
        _exit(0); // an exit would look for leaks, and find what threads own that are not here
    }
}

constexpr way all_ways[] = {
    {"fork", fork_it, true},
    {"clone_by_syscall", clone_it, true},
    {"vfork_and_exec", vfork_it, false},
    {"posix_spawn", posix_spawn_it, false},
    {"system", call_system, false},
    {"popen", popen_it, false},
    {"double_fork_of_a_daemon", daemonise, true},
    {"fork_and_close_range", fork_it_and_close_everything, true},
    {"close_range_and_fork", close_everything_and_fork, true},
    {"fork_beside_threads", fork_beside_threads, true},
};

const way& way_called(std::string_view name)
{
    return *std::find_if(std::begin(all_ways), std::end(all_ways),
                         [&](const way& each) { return each.name == name; });
}

const test::role owner_role{test::fork_family_owner, [](const std::vector<std::string>& args) {
                                sigset_t questions;
                                sigemptyset(&questions);
                                sigaddset(&questions, SIGUSR1);
                                sigaddset(&questions, SIGUSR2);
                                pthread_sigmask(SIG_BLOCK, &questions, nullptr);
                                inherited = std::make_unique<resource_lock>(args.at(0));
                                if (!inherited->get_lock())
                                    return 1;
                                way_called(args.at(1)).make_child();
                                const timespec limit{120, 0};
                                for (;;) {
                                    switch (sigtimedwait(&questions, nullptr, &limit)) {
                                    case SIGUSR1:
                                        test::say(inherited->I_have_the_lock() ? "holds" : "holds not");
                                        break;
                                    case SIGUSR2:
                                        test::say(inherited->unget_lock() ? "released" : "not released");
                                        break;
                                    default:
                                        if (errno != EINTR)
                                            _exit(1);
                                    }
                                }
                            }};

} // namespace

std::span<const way> test::ways() { return all_ways; }
