#pragma once

#include <string>

#include <sys/types.h>

/// Users and groups as people call them.
namespace resourcelock::cli {

/// The number where it has no name.
std::string user_name(uid_t user);
std::string group_name(gid_t group);

/// Whom advice is for: who typed sudo, or who runs this program.
uid_t asking_user();

/// "sudo ", or nothing where the asking user is root: for the beginning of a command.
const char* sudo();

/// Whether the system's lists have the user in the group. A login keeps the groups that it began with.
bool is_in_group(uid_t user, gid_t group);

} // namespace resourcelock::cli
