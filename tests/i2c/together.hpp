#pragma once

#include "child.hpp"

#include <string>
#include <vector>

namespace test {

/// Starts a process in this role for each list of arguments, lets all go at once when each has said "ready",
/// and returns what each says then.
inline std::vector<std::string> run_together(const std::string& role,
                                             const std::vector<std::vector<std::string>>& arguments,
                                             std::chrono::milliseconds within = deadline)
{
    std::vector<child> processes;
    std::vector<std::string> said;
    for (const auto& each : arguments)
        processes.push_back(child::in_role(role, each));
    for (auto& process : processes)
        if (process.line() != "ready")
            return {"not ready"};
    for (auto& process : processes)
        process.tell("go");
    for (auto& process : processes)
        said.push_back(process.line(within).value_or("nothing"));
    return said;
}

} // namespace test
