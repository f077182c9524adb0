#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace test {

namespace fs = std::filesystem;

/// A /sys and a /dev of its own: the bcm2835 adapter i2c-1 with a multiplexer's channels i2c-11 and i2c-12,
/// behind one of which sits another multiplexer with i2c-21; and a bit-banged i2c-7 whose platform device is
/// called i2c-1 too.
class made_up_machine {
public:
    made_up_machine()
    {
        char name[] = "/tmp/i2c-1-test-XXXXXX";
        root_ = mkdtemp(name);
        fs::create_directory(root_ / "dev");
        const fs::path soc = "devices/platform/soc/3f804000.i2c/i2c-1";
        add(1, soc, "bcm2835 (i2c@7e804000)");
        add(11, soc / "i2c-11", "i2c-1-mux (chan_id 0)");
        add(12, soc / "i2c-12", "i2c-1-mux (chan_id 1)");
        add(21, soc / "i2c-12/i2c-21", "i2c-12-mux (chan_id 0)");
        add(7, "devices/platform/i2c-1/i2c-7", "same name");
        add(8, "devices/platform/other/i2c-8", "same name");
    }
    made_up_machine(const made_up_machine&) = delete;
    made_up_machine& operator=(const made_up_machine&) = delete;
    ~made_up_machine() { fs::remove_all(root_); }

    [[nodiscard]] fs::path sys() const { return root_ / "sys"; }
    [[nodiscard]] fs::path dev() const { return root_ / "dev"; }

    /// Returns whether we may make device nodes.
    [[nodiscard]] bool make_node(const std::string& name, unsigned major_number, unsigned minor_number,
                                 mode_t mode = 0600) const
    {
        const auto path = dev() / name;
        return mknod(path.c_str(), S_IFCHR | 0600, makedev(major_number, minor_number)) == 0 &&
               chmod(path.c_str(), mode) == 0;
    }

    void set_clock(const fs::path& adapter, const std::string& big_endian) const
    {
        fs::create_directories(sys() / adapter / "of_node");
        std::ofstream{sys() / adapter / "of_node/clock-frequency", std::ios::binary} << big_endian;
    }

    /// Gives a device, such as the parent of an adapter, a driver.
    void set_driver(const fs::path& device, const std::string& driver) const
    {
        const auto folder = sys() / "bus/platform/drivers" / driver;
        fs::create_directories(folder);
        fs::create_directories(sys() / device);
        fs::create_symlink(folder, sys() / device / "driver");
    }

    /// A kernel driver that owns an address, like "1-0068".
    void bind_address(const std::string& device, const std::string& driver) const
    {
        const auto folder = sys() / "bus/i2c/devices" / device;
        fs::create_directories(folder);
        fs::create_symlink("../../drivers/" + driver, folder / "driver");
    }

private:
    void add(int number, const fs::path& adapter, const std::string& name) const
    {
        const auto folder = sys() / adapter;
        fs::create_directories(folder);
        std::ofstream{folder / "name"} << name << '\n';
        const auto entry = sys() / "class/i2c-dev" / ("i2c-" + std::to_string(number));
        fs::create_directories(entry);
        std::ofstream{entry / "name"} << name << '\n';
        fs::create_symlink(folder, entry / "device");
        fs::create_directories(sys() / "bus/i2c/devices");
        fs::create_symlink(folder, sys() / "bus/i2c/devices" / ("i2c-" + std::to_string(number)));
    }

    fs::path root_;
};

} // namespace test
