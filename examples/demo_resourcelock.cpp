// Shows what a resource_lock does, case by case, with the library's debug messages. The same tests in Python
// are cjnfuncs' demo-resourcelock.py; the output is the same but for the times and the first "Prior info".
//
// The expectations printed are for a lock that is free at the start. Try also: resourcelock test_lock get
#include <command_line.hpp>
#include <python_log_style.hpp>

#include <resourcelock/resource_lock.hpp>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>

namespace {

using namespace std::chrono_literals;
using resourcelock::resource_lock;

constexpr auto timeout = 100ms;

void title(const char* text) { std::printf("\n***** %s\n", text); }

void result(const char* call, bool value, const char* expected)
{
    std::printf("%s <%s> - Expecting %s\n", call, value ? "True" : "False", expected);
}

/// Logs what is known of the lock.
void look_at(const resource_lock& lock)
{
    static_cast<void>(lock.is_locked());
    static_cast<void>(lock.lock_value());
}

// Long, so that it can be read beside the original, step by step.
void demo(const std::string& lock_name) // NOLINT(readability-function-size)
{
    title("0 - Lock instantiation");
    resource_lock my_lock{lock_name};

    title("1 - Check the initial lock state");
    result("is_lock returned   ", my_lock.is_locked(),
           "<False> for initial unlocked test case, and <True> for initial locked test case");
    static_cast<void>(my_lock.lock_value());

    title("2 - Get the lock");
    result("get_lock returned  ", my_lock.get_lock({.timeout = timeout, .lock_info = "Lock in test #2"}),
           "<True> if lock request is successful");
    look_at(my_lock);

    title("3 - Get the lock a second time, same_process_ok=False");
    result("get_lock returned  ", my_lock.get_lock({.timeout = timeout, .lock_info = "Lock try in test #3"}),
           "<False> Repeated lock request fails");
    look_at(my_lock);

    title("4 - Get the lock a third time, same_process_ok=True");
    result(
        "get_lock returned  ",
        my_lock.get_lock({.timeout = timeout, .same_process_ok = true, .lock_info = "Lock try in test #4"}),
        "<True> Repeated lock request passes with switch");
    look_at(my_lock);

    title("5 - Unget the lock");
    result("unget_lock returned", my_lock.unget_lock({.where_called = "In test #5"}),
           "<True> if lock is successfully released");
    look_at(my_lock);

    title("6 - Unget the lock a second time");
    result("unget_lock returned", my_lock.unget_lock({.where_called = "In test #6"}),
           "<False> since the lock is not currently set");
    look_at(my_lock);

    title("7 - Attempt to Unget the lock not owned by current process");
    // An object does not own what another one got, be they in one process or in two.
    resource_lock others_lock{lock_name};
    static_cast<void>(my_lock.get_lock({.timeout = timeout, .lock_info = "Lock in test #7"}));
    look_at(my_lock);
    result("unget_lock returned", others_lock.unget_lock({.where_called = "In test #7"}),
           "<False> since lock not obtained by current process");
    look_at(my_lock);

    title("8 - Force Unget");
    result("unget_lock returned", others_lock.unget_lock({.force = true, .where_called = "In test #8"}),
           "<True> since lock was set and forced unget");
    look_at(my_lock);

    title("9 - Force Unget when lock not set");
    result("unget_lock returned", others_lock.unget_lock({.force = true, .where_called = "In test #9"}),
           "<False> since lock was not set");
    look_at(my_lock);

    my_lock.close();

    std::printf("\nUsing the cli, get the lock ('resourcelock %s get') and run the test again\n",
                lock_name.c_str());
}

} // namespace

int main(int argc, char** argv)
{
    constexpr auto program = "demo_resourcelock";
    try {
        CLI::App app{"Shows what a resource_lock does, case by case.", program};
        std::string lock_name = "test_lock";
        app.add_option("LockName", lock_name, "name of the lock to use")->capture_default_str();
        if (const auto exit_code = resourcelock::cli::parse(app, argc, argv))
            return *exit_code;

        for (const auto* name : {"resourcelock", "resourcelock_islocked"}) {
            const auto logger = spdlog::get(name);
            logger->set_formatter(std::make_unique<resourcelock::python_log_style>());
            logger->set_level(spdlog::level::debug);
        }
        demo(lock_name);
        return 0;
    } catch (const std::exception& error) {
        return resourcelock::cli::fail(program, error.what(), 1);
    }
}
