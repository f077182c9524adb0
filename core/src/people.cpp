#include "people.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <grp.h>
#include <pwd.h>

namespace resourcelock {

namespace {

struct account {
    std::string name;
    gid_t group = 0;
};

std::optional<account> account_of(uid_t user)
{
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
    return found == nullptr ? std::nullopt : std::optional{account{entry.pw_name, entry.pw_gid}};
}

} // namespace

std::string user_name(uid_t user)
{
    const auto found = account_of(user);
    return found ? found->name : std::to_string(user);
}

std::string group_name(gid_t group_id)
{
    std::array<char, 4096> buffer{};
    group entry{};
    group* found = nullptr;
    getgrgid_r(group_id, &entry, buffer.data(), buffer.size(), &found);
    return found == nullptr ? std::to_string(group_id) : entry.gr_name;
}

bool is_in_group(uid_t user, gid_t group)
{
    const auto found = account_of(user);
    if (!found)
        return false;
    int count = 0;
    getgrouplist(found->name.c_str(), found->group, nullptr, &count);
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    return getgrouplist(found->name.c_str(), found->group, groups.data(), &count) >= 0 &&
           std::ranges::find(groups, group) != groups.end();
}

} // namespace resourcelock
