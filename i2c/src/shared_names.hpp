#pragma once

#include <string_view>

/// Names that programs share, of other versions of this library too. Those of a lock's files are in
/// lock_name.hpp.
namespace resourcelock::shared_names {

constexpr std::string_view simulation = "sim:";          // and a name: a simulated bus
constexpr std::string_view simulation_lock = "i2c-sim-"; // and that name: its lock
constexpr std::string_view devices = ".devices";         // after the lock's: what is on a simulated bus

} // namespace resourcelock::shared_names
