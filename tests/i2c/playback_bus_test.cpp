#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using namespace std::chrono_literals;
using resourcelock::i2c_address;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;
using resourcelock::i2c_retry;
using resourcelock::playback_bus;

constexpr int sht31 = 0x44;

/// What a user's program might do: in one session, or carelessly.
std::array<std::uint8_t, 6> measure(i2c_bus& bus)
{
    std::array<std::uint8_t, 6> bytes{};
    auto session = bus.session();
    session.write(sht31, {0x24, 0x00});
    session.read(sht31, bytes);
    return bytes;
}

std::array<std::uint8_t, 6> measure_carelessly(i2c_bus& bus)
{
    std::array<std::uint8_t, 6> bytes{};
    bus.write(sht31, {0x24, 0x00});
    bus.read(sht31, bytes);
    return bytes;
}

constexpr auto measurement = R"(
session {
    w 0x44 24 00   # single shot, high repeatability
    r 0x44 be ef 92 80 00 a2
}
)";

std::string difference_when(const char* script, void (*program)(i2c_bus&))
{
    playback_bus bus{script};
    program(bus);
    return bus.report();
}

TEST(playback_bus, answers_as_the_script_says)
{
    playback_bus bus{measurement};
    EXPECT_EQ(measure(bus), (std::array<std::uint8_t, 6>{0xbe, 0xef, 0x92, 0x80, 0x00, 0xa2}));
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, reports_the_first_difference_and_stays_with_it)
{
    playback_bus bus{measurement};
    std::error_code error;
    std::array<std::uint8_t, 6> bytes{};
    auto session = bus.session();
    session.write(sht31, {0x24, 0x0b}, error);
    EXPECT_EQ(error, i2c_errc::not_as_scripted);
    session.read(sht31, bytes, error);
    EXPECT_EQ(error, i2c_errc::not_as_scripted);
    EXPECT_EQ(bus.report(), "expected 'w 0x44 24 00' (line 3), got 'w 0x44 24 0b'");
}

TEST(playback_bus, tells_every_kind_of_difference)
{
    const auto ignoring = [](auto call) {
        try {
            call();
        } catch (const std::system_error&) {
        }
    };
    static const auto careful = [ignoring](i2c_bus& bus) { ignoring([&] { measure(bus); }); };
    const auto program = [](i2c_bus& bus) { careful(bus); };
    EXPECT_EQ(difference_when("w 0x45 24 00", program),
              "expected 'w 0x45 24 00' (line 1), got 'w 0x44 24 00'");
    EXPECT_EQ(difference_when("w 0x44 24", program), "expected 'w 0x44 24' (line 1), got 'w 0x44 24 00'");
    EXPECT_EQ(difference_when("w 0x44 24 00\nr 0x44 01 02", program),
              "expected 'r 0x44 01 02' (line 2), got 'r 0x44 xx xx xx xx xx xx'");
    EXPECT_EQ(difference_when("w 0x44 24 00 ; r 0x44 01 02 03 04 05 06", program),
              "expected 'w 0x44 24 00 ; r 0x44 01 02 03 04 05 06' (line 1), got 'w 0x44 24 00'");
    EXPECT_EQ(difference_when("", program), "the script is at its end, but got 'w 0x44 24 00'");
    EXPECT_EQ(difference_when("w 0x44 24 00\nr 0x44 01 02 03 04 05 06\nw 0x20 01\nw 0x20 02", program),
              "not done: 2 of 4 transactions, from 'w 0x20 01' (line 3) on");
}

TEST(playback_bus, sees_whether_a_sequence_was_one_session)
{
    playback_bus bus{measurement};
    EXPECT_THROW(measure_carelessly(bus), std::system_error);
    EXPECT_EQ(bus.report(),
              "'r 0x44 be ef 92 80 00 a2' (line 4) was not in the session that began in line 2");
}

TEST(playback_bus, takes_one_session_for_several_of_the_script)
{
    playback_bus bus{"session {\nw 0x20 01\nw 0x20 02\n}\nsession {\nw 0x20 03\nw 0x20 04\n}"};
    const auto session = bus.session();
    for (const auto byte : std::array<std::uint8_t, 4>{1, 2, 3, 4})
        bus.write(0x20, {byte});
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, fails_with_the_errno_of_the_script)
{
    playback_bus bus{"w 0x50 xx 01 ! EREMOTEIO\nr 0x50 xx ! EBADMSG"};
    std::error_code error;
    std::array<std::uint8_t, 1> byte{};
    bus.write(0x50, {0x77, 0x01}, error);
    EXPECT_EQ(error.value(), EREMOTEIO);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    bus.read(0x50, byte, error);
    EXPECT_EQ(error, i2c_errc::corrupt);
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, takes_an_errno_by_name_or_number)
{
    playback_bus bus{"w 0x50 01 ! EREMOTEIO\nw 0x50 01 ! " + std::to_string(EREMOTEIO) +
                     "\nw 0x50 01 ! 3000"};
    for (const int expected : {EREMOTEIO, EREMOTEIO, 3000}) {
        std::error_code error;
        bus.write(0x50, {0x01}, error);
        EXPECT_EQ(error, (std::error_code{expected, std::system_category()}));
    }
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, tries_again_when_asked_to)
{
    playback_bus bus{"w 0x20 01 ! EAGAIN\nw 0x20 01", {.retry = i2c_retry::arbitration_lost()}};
    bus.write(0x20, {1});
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, knows_smbus_calls_by_their_messages)
{
    playback_bus bus{R"(
        w 0x20                          # quick
        w 0x20 07 ; r 0x20 2a
        w 0x20 07 ; r 0x20 34 12
        w 0x20 07 34 12 ; r 0x20 78 56  # process call
        w 0x20 07 03 01 02 03           # block
        w 0x20 07 ; rb 0x20 02 aa bb
        w 0x20 07 01 05 ; rb 0x20 01 cc
        w 0x20 07 ; rb 0x20 00
        r 0x20 11
    )"};
    std::array<std::uint8_t, 32> block{};
    std::error_code error;
    bus.write_quick(0x20);
    EXPECT_EQ(bus.read_byte_data(0x20, 7), 0x2a);
    EXPECT_EQ(bus.read_word_data(0x20, 7), 0x1234);
    EXPECT_EQ(bus.process_call(0x20, 7, 0x1234), 0x5678);
    bus.write_block_data(0x20, 7, std::array<std::uint8_t, 3>{1, 2, 3});
    EXPECT_EQ(bus.read_block_data(0x20, 7, block), 2U);
    EXPECT_EQ(block[1], 0xbb);
    EXPECT_EQ(bus.block_process_call(0x20, 7, std::array<std::uint8_t, 1>{5}, block), 1U);
    EXPECT_EQ(block[0], 0xcc);
    std::ignore = bus.read_block_data(0x20, 7, block, error);
    EXPECT_EQ(error, i2c_errc::bad_protocol) << "a length of 0";
    EXPECT_EQ(bus.read_byte(0x20), 0x11);
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, plays_blocks_whose_length_the_device_tells)
{
    playback_bus bus{"w 0x20 07 ; rb 0x20 02 aa bb ; r 0x20 99"};
    std::array<std::uint8_t, 33> block{};
    std::array<std::uint8_t, 1> one{};
    std::array<std::uint8_t, 1> command{7};
    bus.transfer({i2c_message::write(0x20, command), i2c_message::read_block(0x20, block),
                  i2c_message::read(0x20, one)});
    EXPECT_EQ(block[0], 2);
    EXPECT_EQ(block[2], 0xbb);
    EXPECT_EQ(one[0], 0x99);
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, refuses_a_script_that_makes_no_sense_and_names_the_line)
{
    for (const auto* const wrong : {"x 0x44 00",
                                    "w 44 00",
                                    "w 0x44 0",
                                    "w 0x44 zz",
                                    "w 0x44 00 ;",
                                    "w",
                                    "w 0x44 00 !",
                                    "w 0x44 00 ! EWHAT",
                                    "w 0x44 00 ! EIO EIO",
                                    "session {\nw 0x44 00",
                                    "}",
                                    "session {\nsession {\n}\n}",
                                    "w 0x44 000",
                                    "w 0x 00",
                                    "w 0xzz 00",
                                    "w 0x80 00",
                                    "w 0x400/10 00",
                                    "w 0xffffffff 00",
                                    "w 0x44/zz 00",
                                    "w 0x44/100 00",
                                    "w 0x44 00 ! 0",
                                    "w 0x44 00 ! -5"}) {
        SCOPED_TRACE(wrong);
        try {
            const playback_bus bus{wrong};
            ADD_FAILURE() << "accepted";
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code(), i2c_errc::bad_argument);
            EXPECT_NE(std::string{error.what()}.find("line "), std::string::npos) << error.what();
        }
    }
}

TEST(playback_bus, threads_take_turns_on_it)
{
    std::string script;
    for (int i = 0; i < 100; ++i)
        script += "session {\nw 0x20 01\nw 0x20 02\n}\n";
    playback_bus bus{script};
    const auto program = [&bus] {
        for (int i = 0; i < 50; ++i) {
            auto session = bus.session({.timeout = 20s});
            session.write(0x20, {1});
            session.write(0x20, {2});
        }
    };
    std::thread other{program};
    program();
    other.join();
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, plays_what_few_adapters_can)
{
    playback_bus bus{"w 0x120/10 00\nw 0x20/1000 01\nw 0x20 02 ; r 0x20 34 12"};
    const std::array<std::uint8_t, 1> one{1};
    bus.write(i2c_address::ten_bit(0x120), {0});
    bus.transfer({i2c_message::write(0x20, one).with(resourcelock::i2c_flag::ignore_nak)});
    EXPECT_EQ(bus.read_word_data(i2c_address{0x20}.with_pec(), 2), 0x1234);
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, does_not_mind_how_numbers_are_spelled)
{
    playback_bus bus{"w 0x4A 24 AB\nw 0x8 01\nw 0x48 00 ! 3000"};
    std::error_code error;
    bus.write(0x4a, {0x24, 0xab});
    bus.write(0x08, {1});
    bus.write(0x48, {0}, error);
    EXPECT_EQ(error.value(), 3000);
    EXPECT_EQ(bus.report(), "");
}

TEST(playback_bus, a_block_of_an_impossible_length_is_bad_protocol)
{
    playback_bus bus{"rb 0x20 ff 01\nrb 0x20 00\nrb 0x20"};
    std::array<std::uint8_t, 33> block{};
    for (int i = 0; i < 3; ++i) {
        block.fill(0);
        std::error_code error;
        bus.transfer({i2c_message::read_block(0x20, block)}, error);
        EXPECT_EQ(error, i2c_errc::bad_protocol) << i;
    }
    EXPECT_EQ(bus.report(), "");
}

} // namespace
