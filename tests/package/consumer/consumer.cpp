// A user's program: reads a simulated SHT31 in a session.
#include <resourcelock/i2c_bus.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

int main(int argc, char** argv)
{
    if (argc != 2)
        return 64;
    resourcelock::i2c_bus bus{argv[1]};
    auto session = bus.session({.lock_info = "consumer"});
    session.write(0x44, {0x24, 0x00});
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    std::array<std::uint8_t, 6> reading{};
    session.read(0x44, reading);
    std::printf("%02x%02x\n", reading[0], reading[1]);
}
