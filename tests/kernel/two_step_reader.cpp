// A program that needs two transactions for a reading, as many do: it moves the register pointer of the
// TMP105 at 0x48, and reads. Both in a session, under the bus's lock. Prints what it reads, in hex, until the
// file exists:
//   two_step_reader BUS FILE
#include <resourcelock/i2c_bus.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <thread>

int main(int argc, char** argv)
{
    using namespace std::chrono_literals;
    if (argc != 3)
        return 64;
    try {
        constexpr int tmp105 = 0x48;
        resourcelock::i2c_bus bus{argv[1]};
        while (!std::filesystem::exists(argv[2])) {
            std::array<std::uint8_t, 2> temperature{};
            // On a busy host i2cdetect holds the bus of an emulated board for longer than the usual second.
            bus.in_session({.timeout = 60s}, [&](resourcelock::i2c_session& session) {
                session.write(tmp105, {0});
                std::this_thread::sleep_for(1ms);
                session.read(tmp105, temperature);
            });
            std::printf("%02x%02x\n", temperature[0], temperature[1]);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "two_step_reader: %s\n", error.what());
        return 1;
    }
}
