#include "recovery.hpp"

#include "asking_user.hpp"
#include "bus_evidence.hpp"
#include "bus_lock.hpp"
#include "kernel_adapter.hpp"
#include "line_probe.hpp"
#include "rebinding.hpp"
#include "sysfs.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace resourcelock::cli {

namespace {

/// The one at the wires: what is done to a channel of a multiplexer does not reach them.
bus_identity root_of(const bus_identity& bus)
{
    const auto root = bus.number ? sysfs::find_root(*bus.number, "/sys") : std::nullopt;
    return root && root->number != *bus.number ? identify_bus(std::to_string(root->number)) : bus;
}

/// A graphics or television card's bus is part of something bigger, which would go with its driver. Drivers
/// of nothing but I2C say so in their names: i2c-bcm2835, i2c-gpio, i2c_designware, i801_smbus.
bool is_for_i2c_only(const controller& which)
{
    return which.driver.find("i2c") != std::string::npos || which.driver.find("smbus") != std::string::npos;
}

/// Why nothing can be taken from a driver.
std::string why_not(const bus_identity& bus, const std::optional<controller>& found)
{
    const std::string by_hand = "; switch the devices on the bus off and on";
    if (!bus.number)
        return "a simulated bus has no lines";
    if (!found)
        return "the adapter has no driver that could be unbound" + by_hand;
    return "its driver " + found->driver + " is for more than I2C, and all of that would go" + by_hand;
}

/// The bus without its lock, for those who hold that and must not keep the node open.
class unlocked_bus final : public i2c_bus {
public:
    explicit unlocked_bus(const bus_identity& bus)
        : i2c_bus{std::make_unique<kernel_adapter>(bus, false), bus, {}}
    {}
};

class attempt {
public:
    explicit attempt(const recovery_request& asked)
        : asked_{asked},
          named_{identify_bus(asked.bus)},
          bus_{root_of(named_)},
          driven_by_{bus_.number ? controller_of(*bus_.number) : std::nullopt}
    {}

    recovery run()
    {
        say(bus_.name + ": " + bus_.adapter_name + (driven_by_ ? ", driver " + driven_by_->driver : ""));
        if (bus_.name != named_.name)
            say("it is the root adapter of " + named_.name + ", which is behind a multiplexer");
        if (!bus_.number || !driven_by_ || !is_for_i2c_only(*driven_by_)) {
            say("cannot: " + why_not(bus_, driven_by_));
            return result(recovery_outcome::cannot);
        }
        if (asked_.act && geteuid() != 0)
            throw std::system_error{
                EPERM, std::system_category(),
                fmt::format("only root may unbind a driver: sudo i2cbus recover {} -y", *bus_.number)};
        take_lock();
        return result(run_with_lock());
    }

private:
    /// That of the bus under its present number.
    void take_lock()
    {
        lock_.emplace(bus_.lock_name, bus_.lock);
        take(*lock_, bus_, asked_.wait, "i2cbus recover");
    }

    recovery_outcome run_with_lock()
    {
        const auto before = probe();
        say("lines: " + words_for(before));
        if (before.state == line_state::answer) {
            say("nothing to recover");
            return recovery_outcome::not_needed;
        }
        if (before.state == line_state::cannot_be_told) {
            say("cannot: a driver is not taken from an adapter that may be in order");
            return recovery_outcome::cannot;
        }
        // Behind the probe, which takes seconds on a stuck bus.
        const auto users = find_node_users(devices_on_wires(bus_));
        if (!users.all.empty()) {
            say("not while a program has the bus open: " + list(users.all) + "; end it first");
            return recovery_outcome::in_use;
        }
        if (asked_.act && !users.complete()) {
            say("not where some processes are out of sight or hide their files, as in a container: "
                "one of them may have the bus open");
            return recovery_outcome::in_use;
        }
        if (!asked_.act) {
            tell_what_would_be_done();
            return recovery_outcome::not_asked;
        }
        return act();
    }

    [[nodiscard]] line_report probe() const
    {
        unlocked_bus opened{bus_};
        return probe_lines(opened);
    }

    void tell_what_would_be_done()
    {
        say(fmt::format("would take {} from the driver {} and give it back",
                        driven_by_->device.filename().string(), driven_by_->driver));
        say(fmt::format("to do it: {}i2cbus recover {} -y", sudo(), *bus_.number));
    }

    recovery_outcome act()
    {
        if (!rebind(*driven_by_)) {
            say("a program has opened the bus meanwhile: " +
                list(find_node_users(devices_on_wires(bus_)).all) +
                "; when it ends, the driver comes back by itself");
            return recovery_outcome::in_use;
        }
        say(fmt::format("took {} from the driver {} and gave it back", driven_by_->device.filename().string(),
                        driven_by_->driver));
        const auto number = adapter_of(*driven_by_);
        if (!number) {
            say("the adapter has not come back; try: " + binding_command(*driven_by_));
            return recovery_outcome::still_stuck;
        }
        if (number != bus_.number)
            say(fmt::format("it is bus {} now", *number));
        bus_ = identify_bus(std::to_string(*number));
        if (bus_.lock_name != lock_->lockname()) {
            try {
                take_lock();
            } catch (const std::system_error& error) {
                say(std::string{"lines: not probed: "} + error.what());
                return recovery_outcome::still_stuck;
            }
        }
        const auto after = probe();
        say("lines: " + words_for(after));
        const bool recovered = after.state == line_state::answer;
        say(recovered ? "recovered" : std::string{"still stuck: "} + mending_by_hand);
        return recovered ? recovery_outcome::recovered : recovery_outcome::still_stuck;
    }

    void say(std::string line) { steps_.push_back(std::move(line)); }

    recovery result(recovery_outcome outcome)
    {
        return {outcome, std::move(steps_), bus_.name, driven_by_ ? driven_by_->driver : std::string{},
                driven_by_ ? driven_by_->device.filename().string() : std::string{}};
    }

    recovery_request asked_;
    bus_identity named_;
    bus_identity bus_;
    std::optional<controller> driven_by_;
    std::optional<resource_lock> lock_;
    std::vector<std::string> steps_;
};

const char* word_for(recovery_outcome outcome)
{
    switch (outcome) {
    case recovery_outcome::not_needed:
        return "not needed";
    case recovery_outcome::recovered:
        return "recovered";
    case recovery_outcome::still_stuck:
        return "still stuck";
    case recovery_outcome::cannot:
        return "adapter cannot";
    case recovery_outcome::in_use:
        return "in use";
    case recovery_outcome::not_asked:
        break;
    }
    return "dry run";
}

} // namespace

recovery recover(const recovery_request& asked) { return attempt{asked}.run(); }

std::vector<std::string> as_lines(const recovery& result)
{
    std::vector<std::string> lines;
    for (const auto& step : result.steps)
        lines.push_back((lines.empty() ? "" : "  ") + step);
    return lines;
}

nlohmann::ordered_json as_json(const recovery& result)
{
    const auto or_null = [](const std::string& text) {
        return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
    };
    return {{"bus", result.bus},
            {"driver", or_null(result.driver)},
            {"device", or_null(result.device)},
            {"outcome", word_for(result.outcome)},
            {"steps", result.steps}};
}

} // namespace resourcelock::cli
