#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What sysfs tells about I2C adapters. Missing or unreadable entries are no errors: they tell nothing.
namespace resourcelock::sysfs {

/// N of "i2c-N".
std::optional<int> number_in_name(std::string_view name);

/// The adapter whose wires adapter `number` uses. Behind multiplexers that is another one than `number`.
struct root_adapter {
    int number;
    std::optional<std::uint32_t> clock_hz;
};
std::optional<root_adapter> find_root(int number, const std::filesystem::path& sys);

/// Name of an adapter; empty when unknown.
std::string name_of(int adapter, const std::filesystem::path& sys);

/// Numbers of the adapters that have a device node, ascending.
std::vector<int> all_adapters(const std::filesystem::path& sys);

/// Those with this name, as `i2cdetect -l` shows it.
std::vector<int> adapters_called(std::string_view name, const std::filesystem::path& sys);

/// Name of the kernel driver that owns an address; empty when unknown.
std::string driver_of(int adapter, int address, const std::filesystem::path& sys);

} // namespace resourcelock::sysfs
