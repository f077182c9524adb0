#include "node_access.hpp"

#include "people.hpp"

#include <spdlog/fmt/fmt.h>

#include <sys/stat.h>

namespace resourcelock {

std::optional<guarded_file> look_at_file(const std::string& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        return std::nullopt;
    return guarded_file{path, status.st_uid, status.st_gid, status.st_mode & 07777U, status.st_rdev};
}

std::string permissions_of(const guarded_file& file)
{
    return fmt::format("owner {}, group {}, mode {:04o}", user_name(file.user), group_name(file.group),
                       file.mode);
}

bool mode_lets_in(const guarded_file& file, uid_t user)
{
    if (user == 0)
        return true;
    if (file.user == user)
        return lets_in(file, 0600);
    return lets_in(file, is_in_group(user, file.group) ? group_use : others_use);
}

std::string way_in(const guarded_file& node, uid_t user)
{
    if (!lets_in(node, group_use) || node.group == 0)
        return R"(give it to a group with a udev rule: SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660")";
    const auto name = group_name(node.group);
    return is_in_group(user, node.group)
               ? fmt::format("log in again: {} is in group {}, but this login began before", user_name(user),
                             name)
               : fmt::format("sudo usermod -aG {} {}, then log in again", name, user_name(user));
}

} // namespace resourcelock
