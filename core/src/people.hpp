#pragma once

#include <string>

#include <sys/types.h>

/// Users and groups as people call them.
namespace resourcelock {

/// The number where it has no name.
std::string user_name(uid_t user);
std::string group_name(gid_t group);

/// Whether the system's lists have the user in the group. A login keeps the groups that it began with.
bool is_in_group(uid_t user, gid_t group);

} // namespace resourcelock
