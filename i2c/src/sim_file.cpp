#include "sim_file.hpp"

#include <span>
#include <string>
#include <type_traits>

namespace resourcelock::sim {

static_assert(std::is_trivially_copyable_v<shared_bus> && std::is_standard_layout_v<shared_bus>);

namespace {

shared_file open_or_create(std::string_view name)
{
    const shared_bus fresh; // switched on now
    return shared_file{{.name = "i2c-sim-" + std::string{name} + ".devices",
                        .what = "simulated bus",
                        .fresh = std::as_bytes(std::span{&fresh, 1}),
                        .format_size = sizeof fresh.format}};
}

} // namespace

file::file(std::string_view name) : file_{open_or_create(name)} {}

} // namespace resourcelock::sim
