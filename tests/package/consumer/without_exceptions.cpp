// A user's program that is compiled with -fno-exceptions: errors come as std::error_code.
#include <resourcelock/i2c_bus.hpp>
#include <resourcelock/i2c_device.hpp>
#include <resourcelock/i2c_mux.hpp>
#include <resourcelock/playback_bus.hpp>
#include <resourcelock/recording_bus.hpp>
#include <resourcelock/resource_lock.hpp>
#include <resourcelock/sim_control.hpp>

#include <array>
#include <cstdio>
#include <system_error>

int main(int argc, char** argv)
{
    if (argc != 2)
        return 64;
    resourcelock::i2c_bus bus{argv[1]};
    std::error_code error;
    std::array<std::uint8_t, 2> word{};
    bus.read(0x33, word, error); // nobody there
    std::printf("%s\n", error == resourcelock::i2c_errc::no_acknowledge ? "no acknowledge" : "wrong");
}
