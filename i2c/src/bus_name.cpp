#include "bus_name.hpp"

#include "i2c_major.hpp"
#include "shared_names.hpp"
#include "sysfs.hpp"
#include "utf8.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace resourcelock {

namespace {

constexpr int highest_number = 0xfffff; // a minor number has 20 bits

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '_';
}

[[noreturn]] void refuse(const std::string& sentence)
{
    throw std::system_error{make_error_code(i2c_errc::bad_bus), sentence};
}

bus_identity simulated(std::string_view name)
{
    if (name.empty() || name.size() > 64 || !std::ranges::all_of(name, is_name_character))
        refuse("a simulated bus is sim:NAME, NAME being 1 to 64 letters, digits, '-' and '_'; not '" +
               printable(std::string{shared_names::simulation}.append(name)) + "'");
    bus_identity found;
    found.name = std::string{shared_names::simulation}.append(name);
    found.lock_name = std::string{shared_names::simulation_lock}.append(name);
    found.adapter_name = "simulated bus";
    return found;
}

/// Whoever may use the node may use the lock. The group is given only where it decides something (not with
/// mode 0666, nor when our files get it anyway) and only where we may: access lists can let somebody in who
/// is no member.
lock_options lock_like(const struct stat& node)
{
    lock_options lock;
    lock.mode = (node.st_mode & 0666) | 0600;
    const bool decides = ((node.st_mode >> 3) & 06) != (node.st_mode & 06);
    const bool allowed = geteuid() == 0 || group_member(node.st_gid) != 0;
    if (decides && allowed && node.st_gid != getegid())
        lock.group = node.st_gid;
    return lock;
}

int number_by_name(std::string_view name, const system_roots& roots)
{
    const auto found = sysfs::adapters_called(name, roots.sys);
    const auto quoted = "'" + printable(name) + "'";
    if (found.empty())
        refuse("no I2C adapter is called " + quoted +
               ": give its number (1) or device node (/dev/i2c-1); `i2cdetect -l` lists the adapters");
    if (found.size() > 1) {
        std::string numbers;
        for (const int number : found)
            numbers += (numbers.empty() ? "" : ", ") + std::to_string(number);
        refuse("several I2C adapters are called " + quoted + ": give the number of one (" + numbers + ")");
    }
    return found.front();
}

/// The kernel's adapter behind a device node, judged by what the node is and not by how its path is spelled.
bus_identity identify_node(const std::string& path, const system_roots& roots)
{
    struct stat node {};
    if (stat(path.c_str(), &node) != 0) {
        const int error = errno;
        throw std::system_error{
            error, std::system_category(),
            error == ENOENT ? path + " does not exist: enable I2C (dtparam=i2c_arm=on in "
                                     "/boot/firmware/config.txt, or raspi-config) and load the module: "
                                     "modprobe i2c-dev"
                            : path + " cannot be looked at"};
    }
    std::error_code ignored;
    const auto real_path = std::filesystem::canonical(path, ignored);
    // I2C buses that a program provides (CUSE) have another major number; only their name tells which bus
    // they are.
    std::optional<int> number;
    if (S_ISCHR(node.st_mode))
        number = major(node.st_rdev) == i2c_major ? static_cast<int>(minor(node.st_rdev))
                                                  : sysfs::number_in_name(real_path.filename().native());
    if (!number)
        refuse(path +
               " is not the device node of an I2C bus: those are /dev/i2c-N; `i2cdetect -l` lists them");

    auto found = known_to_kernel(*number, roots);
    found.name = real_path.empty() ? path : real_path.native();
    found.lock = lock_like(node);
    return found;
}

} // namespace

bus_identity known_to_kernel(int number, const system_roots& roots)
{
    const auto root = sysfs::find_root(number, roots.sys);
    bus_identity found;
    found.name = roots.dev + "/i2c-" + std::to_string(number);
    found.lock_name = "i2c-" + std::to_string(root ? root->number : number);
    found.number = number;
    if (root)
        found.clock_hz = root->clock_hz;
    found.adapter_name = sysfs::name_of(number, roots.sys);
    return found;
}

bus_identity identify_bus(std::string_view bus, const system_roots& roots)
{
    if (bus.starts_with(shared_names::simulation))
        return simulated(bus.substr(shared_names::simulation.size()));
    if (const auto shown = printable(bus); bus.empty() || bus != shown)
        refuse("'" + shown +
               "' is no I2C bus: give a number (1), a device node (/dev/i2c-1), the name of an "
               "adapter or sim:NAME");
    if (bus.find('/') != std::string_view::npos)
        return identify_node(std::string{bus}, roots);

    int number = 0;
    if (std::ranges::all_of(bus, is_digit)) {
        const auto [end, error] = std::from_chars(bus.data(), bus.data() + bus.size(), number);
        if (error != std::errc{} || number > highest_number)
            refuse("there is no I2C bus " + std::string{bus.substr(0, 20)} + ": numbers end at " +
                   std::to_string(highest_number));
    } else {
        number = number_by_name(bus, roots);
    }
    return identify_node(roots.dev + "/i2c-" + std::to_string(number), roots);
}

} // namespace resourcelock
