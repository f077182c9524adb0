#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

/// Who may use a bus's device node, or another file of it.
namespace resourcelock {

/// A file that people need permission for.
struct guarded_file {
    std::string path;
    uid_t user = 0;
    gid_t group = 0;
    mode_t mode = 0;
    dev_t device = 0; ///< of a device node
};
std::optional<guarded_file> look_at_file(const std::string& path);

constexpr mode_t group_use = 0060;
constexpr mode_t others_use = 0006;
inline bool lets_in(const guarded_file& file, mode_t whom) { return (file.mode & whom) == whom; }

/// "owner root, group i2c, mode 0660".
std::string permissions_of(const guarded_file& file);

/// Whether the mode of the file lets the user read and write it. Access lists are not looked at.
bool mode_lets_in(const guarded_file& file, uid_t user);

/// How somebody gets to be let in.
std::string way_in(const guarded_file& node, uid_t user);

} // namespace resourcelock
