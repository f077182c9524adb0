#pragma once

#include "bus_name.hpp"
#include "explain.hpp"

#include <resourcelock/i2c_errc.hpp>
#include <resourcelock/resource_lock.hpp>

#include <stop_token>
#include <string_view>
#include <system_error>

namespace resourcelock::cli {

/// Takes the lock of a bus without opening the bus, for those who must not keep it open. Throws
/// `std::system_error`; `i2c_errc::lock_timeout` names the holder. With a stop it ends like a timeout.
inline void take(resource_lock& lock, const bus_identity& bus, wait_limit wait, std::string_view info,
                 std::stop_token stop = {})
{
    if (lock.get_lock({.timeout = wait, .lock_info = info, .stop = std::move(stop)}))
        return;
    const auto error = make_error_code(i2c_errc::lock_timeout);
    throw std::system_error{error, explain(error, bus, std::nullopt, &lock)};
}

} // namespace resourcelock::cli
