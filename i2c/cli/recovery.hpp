#pragma once

#include <resourcelock/wait_limit.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Tries to free a bus whose lines are stuck: takes the adapter from its driver and gives it back, so that
/// the driver sets the controller up anew. All of it under the bus's lock, and never while a program has the
/// bus open: the kernel lets an adapter go when its last descriptor is closed, and whoever asked for it
/// waits.
namespace resourcelock::cli {

struct recovery_request {
    std::string_view bus;
    wait_limit wait;  ///< for the lock
    bool act = false; ///< false: only say what would be done
};

enum class recovery_outcome {
    not_needed, ///< the lines answer
    recovered,
    still_stuck,
    cannot, ///< no driver can be taken from the adapter, or its lines cannot be told
    in_use, ///< a program has the bus open, or may have; one that opened it late keeps the unbinding waiting
    not_asked, ///< it would be done with `act`
};

struct recovery {
    recovery_outcome outcome;
    std::vector<std::string> steps; ///< what was seen and done, for people; the first is the headline
    std::string bus;                ///< the root adapter's
    std::string driver;             ///< empty: none
    std::string device;

    [[nodiscard]] bool is_in_order() const noexcept
    {
        return outcome == recovery_outcome::not_needed || outcome == recovery_outcome::recovered;
    }
};

/// Throws `std::system_error`: what opening the bus gives; `i2c_errc::lock_timeout`; EPERM when it is to act,
/// and may not; what unbinding gives.
recovery recover(const recovery_request& asked);

std::vector<std::string> as_lines(const recovery& result);
nlohmann::ordered_json as_json(const recovery& result);

} // namespace resourcelock::cli
