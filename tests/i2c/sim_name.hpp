#pragma once

#include <resourcelock/sim_control.hpp>

#include <atomic>
#include <string>

#include <unistd.h>

namespace test {

/// A simulated bus that only this test uses; its files are removed at both ends of the test.
class sim_name {
public:
    sim_name()
    {
        static std::atomic<int> count{0};
        name_ = "test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
        remove();
    }
    ~sim_name() { remove(); }
    sim_name(const sim_name&) = delete;
    sim_name& operator=(const sim_name&) = delete;

    [[nodiscard]] std::string bus() const { return "sim:" + name_; }
    [[nodiscard]] std::string lock() const { return "i2c-sim-" + name_; }
    [[nodiscard]] std::string info_path() const { return "/dev/shm/" + lock(); }
    [[nodiscard]] std::string semaphore_path() const { return "/dev/shm/sem." + lock(); }
    [[nodiscard]] std::string devices_path() const { return "/dev/shm/" + lock() + ".devices"; }

private:
    void remove() const { resourcelock::sim_control::remove(bus()); }

    std::string name_;
};

} // namespace test
