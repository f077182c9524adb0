#pragma once

#include "program.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include <unistd.h>

/// What `resourcelock NAME doctor` says.
namespace test::doctor {

inline outcome run(const std::string& lock, const std::string& verb)
{
    return test::run({RESOURCELOCK, lock, verb});
}

/// What the doctor says, but for the line that depends on what this user may see of other processes.
inline outcome examine(const std::string& lock)
{
    auto result = run(lock, "doctor");
    static const std::regex time{R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?)"};
    static const std::regex line{"  the list of processes may be incomplete[^\n]*\n"};
    result.output = std::regex_replace(std::regex_replace(result.output, time, "TIME"), line, "");
    return result;
}

inline std::string name_of(const lock_name& lock) { return "<" + lock.str() + "> "; }

inline std::string in_order(const lock_name& lock, const std::string& situation, const std::string& open_in)
{
    return name_of(lock) + situation + "\n  open in: " + open_in + "\n  nothing is wrong\n";
}

/// Types the commands that the doctor gave, as a person would, until it gives no more.
inline testing::AssertionResult can_be_mended(const std::string& lock)
{
    const auto folder = std::filesystem::path{RESOURCELOCK}.parent_path().string();
    outcome result;
    for (int attempts = 0; attempts < 5; ++attempts) {
        result = run(lock, "doctor");
        if (result.exit_code == 0)
            return testing::AssertionSuccess();
        std::smatch found;
        if (!std::regex_search(result.output, found, std::regex{"to mend it: (when [^:]*: )?([^\n]*)\n"}))
            break;
        test::run({"bash", "-c", "PATH=" + folder + ":$PATH; " + found.str(2)});
    }
    return testing::AssertionFailure() << "not mended: " << result;
}

inline std::string holder_text(const child& program)
{
    return "resourcelock (pid " + std::to_string(program.pid()) + ", user " + std::to_string(geteuid()) +
           ") since TIME";
}

/// The process as the doctor lists it.
inline std::string entry(pid_t pid)
{
    std::ifstream comm{"/proc/" + std::to_string(pid) + "/comm"};
    std::string program;
    std::getline(comm, program);
    return std::to_string(pid) + " " + program;
}

} // namespace test::doctor
