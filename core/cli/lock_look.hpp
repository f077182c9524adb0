#pragma once

#include "findings.hpp"

#include <string>

/// Looks at a lock that others use: it changes under our eyes. So both look until nobody took it or gave it
/// back between two looks, a limited number of times; `steady` tells whether they came to that. They change
/// nothing, and throw as look_at_lock() does.
namespace resourcelock::cli {

/// At the files alone. `name` is a checked one.
lock_case steady_look(const std::string& name);

/// At the processes that have it open as well, and at who sleeps in it.
lock_case look_twice(const std::string& name);

} // namespace resourcelock::cli
