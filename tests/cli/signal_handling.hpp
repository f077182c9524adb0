#pragma once

#include "peers.hpp"

#include <csignal>
#include <fstream>
#include <string>

namespace test {

inline std::string status_field(pid_t pid, const std::string& name)
{
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ':'))
            return line.substr(line.find_first_not_of(" \t", name.size() + 1));
    return {};
}

/// From then on signals do not end it by themselves any more.
inline bool handles_signals(const child& program)
{
    return becomes_true([&program] {
        const auto blocked = status_field(program.pid(), "SigBlk");
        return !blocked.empty() && (std::stoull(blocked, nullptr, 16) >> (SIGTERM - 1) & 1) != 0;
    });
}

} // namespace test
