#include "bus_evidence.hpp"

#include "descriptor.hpp"
#include "doctor.hpp"
#include "i2c_major.hpp"
#include "lock_look.hpp"
#include "lock_name.hpp"
#include "processes.hpp"
#include "sysfs.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

namespace fs = std::filesystem;

const std::string sys = system_roots{}.sys;

std::optional<int> number_in(std::string_view bus)
{
    const auto name = bus.substr(bus.rfind('/') + 1); // all of it where there is none
    return sysfs::number_in_name(name.size() == bus.size() ? "i2c-" + std::string{bus} : std::string{name});
}

fs::path adapter_folder(int number)
{
    return fs::path{sys} / "bus/i2c/devices" / ("i2c-" + std::to_string(number));
}

int try_to_open(const std::string& node)
{
    const descriptor opened{open(node.c_str(), O_RDWR | O_CLOEXEC)};
    return opened.is_open() ? 0 : errno;
}

/// Entries like "1-0068", with a link to the driver that owns the address.
std::vector<bound_address> bound_addresses(int adapter)
{
    std::vector<bound_address> found;
    const auto prefix = std::to_string(adapter) + '-';
    std::error_code error;
    for (fs::directory_iterator entry{fs::path{sys} / "bus/i2c/devices", error}, end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (!name.starts_with(prefix))
            continue;
        int address = 0;
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), address, 16);
        const auto driver = sysfs::driver_of(adapter, address, sys);
        if (!driver.empty())
            found.push_back({address, driver});
    }
    std::ranges::sort(found, {}, &bound_address::address);
    return found;
}

std::vector<guarded_file> files_of_lock(const std::string& name)
{
    std::vector<guarded_file> found;
    for (const auto& path : {segment_path(name), semaphore_path(name), touched_path(name)})
        if (auto facts = look_at_file(path))
            found.push_back(std::move(*facts));
    return found;
}

std::optional<lock_case> lock_of(const bus_identity& bus)
{
    try {
        return look_twice(bus.lock_name);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::permission_denied)
            return std::nullopt;
        throw;
    }
}

} // namespace

std::optional<controller> controller_of(int root)
{
    std::error_code error;
    const auto adapter =
        fs::canonical(fs::path{sys} / "class/i2c-dev" / ("i2c-" + std::to_string(root)) / "device", error);
    if (error)
        return std::nullopt;
    const auto device = adapter.parent_path();
    const auto driver = fs::canonical(device / "driver", error);
    return error ? std::nullopt : std::optional{controller{device, driver, driver.filename()}};
}

bus_identity meant_bus(std::string_view bus)
{
    try {
        return identify_bus(bus);
    } catch (const std::system_error& error) {
        const auto number = number_in(bus);
        if (error.code() != std::errc::no_such_file_or_directory || !number)
            throw;
        return known_to_kernel(*number);
    }
}

std::vector<dev_t> devices_on_wires(const bus_identity& bus)
{
    std::vector<dev_t> devices;
    if (const auto node = look_at_file(bus.name))
        devices.push_back(node->device);
    const auto root = bus.number ? sysfs::find_root(*bus.number, sys) : std::nullopt;
    for (const int adapter : sysfs::all_adapters(sys)) {
        const auto its_root = sysfs::find_root(adapter, sys);
        if (root && its_root && its_root->number == root->number)
            devices.push_back(makedev(i2c_major, static_cast<unsigned>(adapter)));
    }
    return devices;
}

std::vector<node_user> bus_evidence::users_without_lock() const
{
    if (!lock)
        return {};
    const auto has_lock = [this](pid_t pid) {
        return std::ranges::any_of(lock->users.all,
                                   [pid](const auto& user) { return user.pid == pid && user.has_lock; });
    };
    auto found = users.all;
    std::erase_if(found, [&](const node_user& user) {
        for (auto pid = user.pid; pid != 0; pid = parent_of(pid))
            if (has_lock(pid))
                return true;
        return program_of(user.pid).empty(); // it has ended meanwhile
    });
    return found;
}

bus_evidence look_at_bus(std::string_view bus)
{
    bus_evidence seen;
    seen.bus = meant_bus(bus);
    seen.lock_files = files_of_lock(seen.bus.lock_name);
    seen.lock = lock_of(seen.bus);
    if (seen.is_simulated())
        return seen;
    const int number = *seen.bus.number;
    std::error_code error;
    seen.node = look_at_file(seen.bus.name);
    seen.open_error = try_to_open(seen.bus.name);
    seen.has_i2c_dev = fs::exists(fs::path{sys} / "class/i2c-dev", error);
    seen.has_adapter = fs::exists(adapter_folder(number), error);
    seen.kernel_drivers = bound_addresses(number);
    seen.users = find_node_users(devices_on_wires(seen.bus));
    if (const auto root = sysfs::find_root(number, sys)) {
        seen.root = root->number;
        seen.driven_by = controller_of(root->number);
    }
    return seen;
}

} // namespace resourcelock::cli
