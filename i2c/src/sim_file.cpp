#include "sim_file.hpp"

#include "lock_name.hpp"
#include "shared_names.hpp"

#include <span>
#include <string>
#include <type_traits>

namespace resourcelock::sim {

static_assert(std::is_trivially_copyable_v<shared_bus> && std::is_standard_layout_v<shared_bus>);

namespace {

shared_file open_or_create(std::string_view name)
{
    const shared_bus fresh; // switched on now
    const auto lock_name = std::string{shared_names::simulation_lock}.append(name);
    return shared_file{{.path = segment_path(lock_name).append(shared_names::devices),
                        .what = "simulated bus",
                        .fresh = {.content = std::as_bytes(std::span{&fresh, 1})},
                        .format_size = sizeof fresh.format}};
}

} // namespace

file::file(std::string_view name) : file_{open_or_create(name)} {}

} // namespace resourcelock::sim
