#include "bus_list.hpp"

#include "bus_evidence.hpp"
#include "lock_look.hpp"
#include "lock_row.hpp"
#include "shared_names.hpp"
#include "sysfs.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> simulated_buses()
{
    constexpr auto prefix = shared_names::simulation_lock;
    constexpr auto suffix = shared_names::devices;
    std::vector<std::string> found;
    std::error_code error;
    for (fs::directory_iterator entry{"/dev/shm", error}, end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(suffix) && name.size() > prefix.size() + suffix.size())
            found.push_back(std::string{shared_names::simulation} +
                            name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
    }
    std::ranges::sort(found);
    return found;
}

cell holder_cell(const lock_case& seen)
{
    const auto holder = seen.holder();
    if (holder == holder_kind::no_lock || holder == holder_kind::nobody)
        return {};
    const auto& owner = seen.evidence.owner;
    const bool by_us =
        holder == holder_kind::alive || holder == holder_kind::dead || holder == holder_kind::detached;
    nlohmann::ordered_json value{{"pid", nullptr}, {"program", nullptr}, {"state", state_word(seen)}};
    if (!by_us || !owner)
        return {"unknown", value};
    value["pid"] = owner->pid;
    value["program"] = owner->program;
    const auto* const note = holder == holder_kind::dead       ? " (has died)"
                             : holder == holder_kind::detached ? " (on purpose)"
                                                               : "";
    return {fmt::format("{} {}{}", owner->pid, owner->program, note), value};
}

cell holder_of(const std::string& lock_name)
{
    try {
        return holder_cell(steady_look(lock_name));
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
    for (const int number : sysfs::all_adapters("/sys")) {
        const auto root = sysfs::find_root(number, "/sys");
        add(known_to_kernel(number), root ? cell{std::to_string(root->number), root->number} : cell{});
    }
    for (const auto& name : simulated_buses())
        try {
            add(identify_bus(name), {});
        } catch (const std::system_error&) { // somebody's file that is none of ours
        }
}

} // namespace resourcelock::cli
