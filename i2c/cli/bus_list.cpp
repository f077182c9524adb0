#include "bus_list.hpp"

#include "bus_evidence.hpp"
#include "lock_row.hpp"
#include "sysfs.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> simulated_buses()
{
    constexpr std::string_view prefix = "i2c-sim-";
    constexpr std::string_view suffix = ".devices";
    std::vector<std::string> found;
    std::error_code error;
    for (fs::directory_iterator entry{"/dev/shm", error}, end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(suffix) && name.size() > prefix.size() + suffix.size())
            found.push_back("sim:" + name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
    }
    std::ranges::sort(found);
    return found;
}

std::string holder_text(const lock_case& seen)
{
    const auto& owner = seen.evidence.owner;
    auto who = owner ? fmt::format("{} {}", owner->pid, owner->program) : std::string{"unknown"};
    switch (seen.holder()) {
    case holder_kind::no_lock:
    case holder_kind::nobody:
        return {};
    case holder_kind::alive:
        return who;
    case holder_kind::dead:
        return who + " (has died)";
    case holder_kind::detached:
        return who + " (on purpose)";
    case holder_kind::python:
    case holder_kind::unknown:
    case holder_kind::not_to_be_told:
        break;
    }
    return "unknown";
}

cell holder_of(const std::string& lock_name)
{
    try {
        const auto text = holder_text(steady_look(lock_name));
        return text.empty() ? cell{} : cell{text};
    } catch (const std::system_error&) {
        return cell{"no access"};
    }
}

cell or_nothing(const std::string& text) { return text.empty() ? cell{} : cell{text}; }

} // namespace

table bus_table() { return {"buses", {{"BUS"}, {"ADAPTER"}, {"ROOT", true}, {"LOCK"}, {"HOLDER"}}}; }

void list_buses(table& buses)
{
    const auto add = [&buses](const bus_identity& bus, const cell& root) {
        const auto holder = buses.shows("HOLDER") ? holder_of(bus.lock_name) : cell{};
        buses.add({cell{bus.name}, or_nothing(bus.adapter_name), root, cell{bus.lock_name}, holder});
    };
    const system_roots roots;
    for (const int number : sysfs::all_adapters(roots.sys)) {
        const auto root = sysfs::find_root(number, roots.sys);
        add(known_to_kernel(number, roots), root ? cell{std::to_string(root->number), root->number} : cell{});
    }
    for (const auto& name : simulated_buses())
        try {
            add(identify_bus(name), {});
        } catch (const std::system_error&) { // somebody's file that is none of ours
        }
}

} // namespace resourcelock::cli
