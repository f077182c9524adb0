#include "bus_findings.hpp"

#include "asking_user.hpp"
#include "people.hpp"
#include "shell_word.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <unistd.h>

namespace resourcelock::cli {

namespace {

/// Why there is no node to talk to.
finding no_node(const bus_evidence& seen)
{
    const int number = *seen.bus.number;
    if (!seen.has_i2c_dev)
        return {"the kernel's module i2c-dev is not loaded, so no bus has a device node",
                fmt::format("{0}modprobe i2c-dev; at every boot: echo i2c-dev | {0}tee "
                            "/etc/modules-load.d/i2c-dev.conf",
                            sudo())};
    if (!seen.has_adapter)
        return {
            fmt::format("the kernel has no I2C adapter {}", number),
            fmt::format("`i2cbus list` shows those it has; on a Raspberry Pi, bus 1 needs dtparam=i2c_arm=on "
                        "in /boot/firmware/config.txt ({}raspi-config nonint do_i2c 0) and a reboot",
                        sudo())};
    return {fmt::format("the kernel has the adapter, but {} is not its device node", seen.bus.name),
            fmt::format("in a container, start that with --device {}; else: {}udevadm trigger "
                        "--subsystem-match=i2c-dev",
                        seen.bus.name, sudo())};
}

std::optional<finding> judge_node(const bus_evidence& seen)
{
    if (seen.open_error == 0)
        return std::nullopt;
    if (!seen.node || seen.open_error == ENXIO || seen.open_error == ENODEV)
        return no_node(seen);
    if (seen.open_error == EACCES)
        return finding{fmt::format("{} may not open {} ({})", user_name(geteuid()), seen.bus.name,
                                   permissions_of(*seen.node)),
                       way_in(*seen.node, geteuid())};
    return finding{fmt::format("{} cannot be opened: {}", seen.bus.name, std::strerror(seen.open_error)),
                   "`" + std::string{sudo()} + "dmesg | tail` may say why"};
}

/// Who may use the bus must be able to use its lock, or they fail, or take to doing without.
std::optional<finding> judge_lock_permissions(const bus_evidence& seen)
{
    if (!seen.node || seen.lock_files.empty())
        return std::nullopt;
    const auto& node = *seen.node;
    const auto too_narrow = [&node](const guarded_file& file) {
        const bool others = lets_in(node, others_use) && !lets_in(file, others_use);
        const bool group = lets_in(node, group_use) && !lets_in(file, others_use) &&
                           !(lets_in(file, group_use) && file.group == node.group);
        return others || (group && node.group != 0); // group root needs nothing of the kind
    };
    const auto found = std::ranges::find_if(seen.lock_files, too_narrow);
    if (found == seen.lock_files.end())
        return std::nullopt;
    std::string paths;
    for (const auto& file : seen.lock_files)
        paths += ' ' + shell_word(file.path);
    return finding{fmt::format("not all who may open the bus may use its lock: {} has {}, the bus {}",
                               found->path, permissions_of(*found), permissions_of(node)),
                   fmt::format("{0}chgrp {1}{2} && {0}chmod {3:04o}{2}", sudo(), group_name(node.group),
                               paths, (node.mode & 0666U) | 0600U)};
}

std::optional<finding> judge_users(const bus_evidence& seen)
{
    const auto users = seen.users_without_lock();
    if (users.empty())
        return std::nullopt;
    const auto& first = users.front();
    return finding{fmt::format("open without the bus's lock, so able to disturb the others: {}", list(users)),
                   fmt::format("end {}, and start it like this: i2cbus run {} -- {}",
                               users.size() == 1 ? "it" : "them", *seen.bus.number,
                               shell_word(first.program))};
}

finding stuck_lines(const bus_evidence& seen, const line_report& lines)
{
    const auto what = "a line looks stuck low: " + lines.seen;
    if (seen.is_simulated())
        return {what, "so a test has asked for; sim_control::clear_faults() ends it"};
    return {what, seen.driven_by ? fmt::format("i2cbus recover {}; if that does not help: {}",
                                               *seen.bus.number, mending_by_hand)
                                 : mending_by_hand};
}

} // namespace

std::vector<finding> findings(const bus_evidence& seen, const line_report& lines)
{
    std::vector<finding> found;
    const auto add = [&found](std::optional<finding> one) {
        if (one)
            found.push_back(std::move(*one));
    };
    if (!seen.is_simulated())
        add(judge_node(seen));
    add(judge_lock_permissions(seen));
    if (seen.lock)
        std::ranges::move(findings(*seen.lock), std::back_inserter(found));
    else
        found.push_back(
            {fmt::format("{} may not read the bus's lock {}", user_name(geteuid()), seen.bus.lock_name),
             "sudo " + command_line(seen.bus.lock_name, "doctor")});
    add(judge_users(seen));
    if (lines.state == line_state::look_stuck)
        found.push_back(stuck_lines(seen, lines));
    return found;
}

} // namespace resourcelock::cli
