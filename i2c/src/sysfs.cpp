#include "sysfs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>

namespace resourcelock::sysfs {

namespace fs = std::filesystem;

namespace {

/// The device tree's bus frequency: a 32-bit big-endian number.
std::optional<std::uint32_t> clock_of(const fs::path& adapter)
{
    std::ifstream file{adapter / "of_node" / "clock-frequency", std::ios::binary};
    std::array<char, 4> bytes{};
    std::uint32_t frequency = 0;
    if (file.read(bytes.data(), bytes.size()))
        for (const char byte : bytes)
            frequency = frequency << 8 | static_cast<std::uint8_t>(byte);
    return frequency == 0 ? std::nullopt : std::optional{frequency};
}

} // namespace

std::optional<int> number_in_name(std::string_view name)
{
    if (!name.starts_with("i2c-"))
        return std::nullopt;
    name.remove_prefix(4);
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = error == std::errc{} && end == name.data() + name.size() && number >= 0;
    return whole ? std::optional{number} : std::nullopt;
}

std::optional<root_adapter> find_root(int number, const fs::path& sys)
{
    std::error_code error;
    const auto adapter =
        fs::canonical(sys / "class/i2c-dev" / ("i2c-" + std::to_string(number)) / "device", error);
    if (error)
        return std::nullopt;
    // The kernel hangs a multiplexer's channels below their parent: .../i2c-1/i2c-11. A platform device may
    // be called i2c-1 too (a device tree node without an address), but only adapters have a name file.
    fs::path folder;
    for (const auto& part : adapter) {
        folder /= part;
        if (const auto found = number_in_name(part.native()); found && fs::exists(folder / "name", error))
            return root_adapter{*found, clock_of(folder)};
    }
    return std::nullopt;
}

std::string name_of(int adapter, const fs::path& sys)
{
    std::ifstream file{sys / "class/i2c-dev" / ("i2c-" + std::to_string(adapter)) / "name"};
    std::string line;
    std::getline(file, line);
    return line;
}

std::vector<int> all_adapters(const fs::path& sys)
{
    std::vector<int> found;
    std::error_code error;
    for (fs::directory_iterator entry{sys / "class/i2c-dev", error}, end; !error && entry != end;
         entry.increment(error))
        if (const auto number = number_in_name(entry->path().filename().native()))
            found.push_back(*number);
    std::ranges::sort(found);
    return found;
}

std::vector<int> adapters_called(std::string_view name, const fs::path& sys)
{
    auto found = all_adapters(sys);
    std::erase_if(found, [&](int number) { return name_of(number, sys) != name; });
    return found;
}

std::string driver_of(int adapter, int address, const fs::path& sys)
{
    std::array<char, 32> device{};
    std::snprintf(device.data(), device.size(), "%d-%04x", adapter, static_cast<unsigned>(address));
    std::error_code error;
    return fs::read_symlink(sys / "bus/i2c/devices" / device.data() / "driver", error).filename();
}

} // namespace resourcelock::sysfs
