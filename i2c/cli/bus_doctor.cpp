#include "bus_doctor.hpp"

#include "asking_user.hpp"
#include "bus_findings.hpp"
#include "doctor.hpp"
#include "people.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <unistd.h>

namespace resourcelock::cli {

namespace {

using json = nlohmann::ordered_json;

line_report not_probed(std::string why) { return {line_state::cannot_be_told, std::move(why)}; }

/// Nobody's sequence is disturbed: without the lock, nothing is sent. And while it has troubles of its own,
/// it is left as it is, because to open it is to mend some of them.
line_report lines_of(const bus_evidence& seen, std::string_view bus, wait_limit wait)
{
    if (seen.open_error != 0)
        return not_probed("the bus cannot be opened");
    if (!seen.lock)
        return not_probed("its lock cannot be used");
    if (!findings(*seen.lock).empty())
        return not_probed("first its lock is to be mended");
    try {
        i2c_bus opened{bus};
        auto session = opened.session({.timeout = wait, .lock_info = "i2cbus doctor"});
        return probe_lines(session);
    } catch (const std::system_error& error) {
        if (error.code() == i2c_errc::lock_timeout)
            return not_probed("somebody holds the lock; -w SEC waits for it");
        return not_probed(error.what());
    }
}

std::string headline(const bus_evidence& seen)
{
    auto line = seen.bus.name + ": ";
    line += seen.bus.adapter_name.empty() ? "no adapter on view" : seen.bus.adapter_name;
    if (seen.driven_by)
        line += ", driver " + seen.driven_by->driver;
    return line;
}

std::string text_of(const std::vector<bound_address>& drivers)
{
    std::string text;
    for (const auto& [address, driver] : drivers)
        text += fmt::format("{}0x{:02x} {}", text.empty() ? "" : ", ", address, driver);
    return text;
}

void add_user(const bus_evidence& seen, std::vector<std::string>& lines)
{
    const auto user = asking_user();
    const auto name = user_name(user);
    if (user == 0)
        return;
    const bool in_group = is_in_group(user, seen.node->group);
    lines.push_back(
        fmt::format("{} is {}in group {}", name, in_group ? "" : "not ", group_name(seen.node->group)) +
        (geteuid() != 0 || mode_lets_in(*seen.node, user)
             ? std::string{}
             : "; to use the bus without sudo: " + way_in(*seen.node, user)));
}

std::string clock_text(const bus_evidence& seen)
{
    if (!seen.bus.clock_hz)
        return "clock: not told by the system; 100 kHz is usual";
    return fmt::format("clock: {} kHz", *seen.bus.clock_hz / 1000.0);
}

/// What only a bus with a kernel behind it has.
void add_system(const bus_evidence& seen, std::vector<std::string>& lines)
{
    if (seen.node) {
        lines.push_back("node: " + permissions_of(*seen.node));
        add_user(seen, lines);
    }
    if (seen.is_behind_multiplexer())
        lines.push_back(fmt::format("wires: behind a multiplexer, those of bus {}", *seen.root));
    if (seen.has_adapter) {
        lines.push_back(clock_text(seen));
        lines.push_back("addresses of kernel drivers: " +
                        (seen.kernel_drivers.empty() ? "none" : text_of(seen.kernel_drivers)));
    }
    lines.push_back("open in: " + (seen.users.all.empty() ? "no process" : list(seen.users.all)) +
                    (seen.users.complete() ? "" : "; there may be others"));
}

json as_json(const std::vector<node_user>& users)
{
    auto list = json::array();
    for (const auto& user : users)
        list.push_back({{"pid", user.pid}, {"program", user.program}, {"node", user.node}});
    return list;
}

json as_json(const std::vector<bound_address>& drivers)
{
    auto list = json::array();
    for (const auto& [address, driver] : drivers)
        list.push_back({{"address", address}, {"driver", driver}});
    return list;
}

json as_json(const std::vector<finding>& findings)
{
    auto list = json::array();
    for (const auto& [what, remedy] : findings)
        list.push_back({{"what", what}, {"remedy", remedy}});
    return list;
}

json as_json(const guarded_file& file)
{
    return {{"path", file.path},
            {"user", user_name(file.user)},
            {"group", group_name(file.group)},
            {"mode", fmt::format("{:04o}", file.mode)}};
}

json node_as_json(const bus_evidence& seen)
{
    if (!seen.node)
        return nullptr;
    auto node = as_json(*seen.node);
    node["usable"] = seen.open_error == 0;
    node["in_group"] = is_in_group(asking_user(), seen.node->group);
    return node;
}

json lock_as_json(const bus_evidence& seen)
{
    json lock{{"name", seen.bus.lock_name}, {"files", json::array()}, {"description", nullptr}};
    for (const auto& file : seen.lock_files)
        lock["files"].push_back(as_json(file));
    if (seen.lock)
        lock["description"] = description(*seen.lock);
    lock["holder"] = nullptr;
    if (seen.lock && seen.lock->holder() != holder_kind::nobody && seen.lock->evidence.owner)
        lock["holder"] = {{"pid", seen.lock->evidence.owner->pid},
                          {"program", seen.lock->evidence.owner->program}};
    return lock;
}

template <class Value>
json or_null(const std::optional<Value>& value)
{
    return value ? json(*value) : json(nullptr);
}

const char* word_for(line_state state)
{
    switch (state) {
    case line_state::answer:
        return "in order";
    case line_state::look_stuck:
        return "stuck";
    case line_state::cannot_be_told:
        break;
    }
    return "not probed";
}

} // namespace

bus_diagnosis examine_bus(std::string_view bus, wait_limit wait)
{
    auto seen = look_at_bus(bus);
    auto lines = lines_of(seen, bus, wait);
    auto found = findings(seen, lines);
    return {std::move(seen), std::move(lines), std::move(found)};
}

std::vector<std::string> as_lines(const bus_diagnosis& diagnosis)
{
    const auto& seen = diagnosis.seen;
    std::vector<std::string> facts{headline(seen)};
    if (seen.is_simulated())
        facts.emplace_back("simulated: there is no node, no kernel driver and no wire that could be wrong");
    else
        add_system(seen, facts);
    if (seen.lock) {
        auto about_lock = description(*seen.lock);
        facts.push_back("lock " + about_lock.front());
        for (auto line = about_lock.begin() + 1; line != about_lock.end(); ++line)
            facts.push_back("  " + *line);
    }
    facts.push_back("lines: " + words_for(diagnosis.lines));
    return conclude(facts, diagnosis.found).lines;
}

nlohmann::ordered_json as_json(const bus_diagnosis& diagnosis)
{
    const auto& seen = diagnosis.seen;
    return {{"bus", seen.bus.name},
            {"number", or_null(seen.bus.number)},
            {"adapter", seen.bus.adapter_name},
            {"driver", seen.driven_by ? json(seen.driven_by->driver) : json(nullptr)},
            {"root", or_null(seen.root)},
            {"clock_hz", or_null(seen.bus.clock_hz)},
            {"node", node_as_json(seen)},
            {"i2c_dev", seen.has_i2c_dev},
            {"kernel_drivers", as_json(seen.kernel_drivers)},
            {"open_in", as_json(seen.users.all)},
            {"open_in_complete", seen.users.complete()},
            {"lock", lock_as_json(seen)},
            {"lines", {{"state", word_for(diagnosis.lines.state)}, {"seen", diagnosis.lines.seen}}},
            {"findings", as_json(diagnosis.found)}};
}

} // namespace resourcelock::cli
