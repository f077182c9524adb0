#pragma once

#include "bus_evidence.hpp"
#include "line_probe.hpp"

#include <resourcelock/wait_limit.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Explains a bus to a person: what it is, who may use it and who does, what is wrong and what to do about
/// that. Everything but the lines it finds out by looking (bus_evidence.hpp). For the lines it takes the lock
/// as any program does, and asks the bus (line_probe.hpp).
namespace resourcelock::cli {

struct bus_diagnosis {
    bus_evidence seen;
    line_report lines;
    std::vector<finding> found;
};

/// Examines a bus. `wait`: how long to wait for its lock before the lines are left alone. Throws
/// `std::system_error`.
bus_diagnosis examine_bus(std::string_view bus, wait_limit wait);

std::vector<std::string> as_lines(const bus_diagnosis& diagnosis);
nlohmann::ordered_json as_json(const bus_diagnosis& diagnosis);

} // namespace resourcelock::cli
