// i2c_device: registers, changes that nobody comes between, measurements that give the bus away.
// Long, because each of these has others that come between.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"
#include "together.hpp"

#include <resourcelock/i2c_device.hpp>
#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <tuple>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_device;
using resourcelock::i2c_errc;
using resourcelock::i2c_retry;
using resourcelock::i2c_session;
using resourcelock::playback_bus;
using std::uint16_t;
using std::uint8_t;

TEST(i2c_device, reads_and_writes_registers_in_either_order)
{
    playback_bus bus{R"(
        w 0x20 d0 ; r 0x20 60
        w 0x20 01 ; r 0x20 12 34
        w 0x20 f4 25
        w 0x20 01 ab cd
        w 0x20 01 ; r 0x20 12 34
        w 0x20 01 cd ab
    )"};
    i2c_device big{bus, 0x20};
    EXPECT_EQ(big.read<uint8_t>(0xd0), 0x60);
    EXPECT_EQ(big.read<uint16_t>(0x01), 0x1234);
    big.write<uint8_t>(0xf4, 0x25);
    big.write<uint16_t>(0x01, 0xabcd);
    i2c_device little{bus, 0x20, {.byte_order = std::endian::little}};
    EXPECT_EQ(little.read<uint16_t>(0x01), 0x3412);
    little.write<uint16_t>(0x01, 0xabcd);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_device, numbers_registers_with_two_bytes_where_asked)
{
    playback_bus bus{"w 0x50 0f a0 ; r 0x50 01 02 03\nw 0x50 00 07 aa bb\nw 0x50 01 02 ff"};
    i2c_device device{bus, 0x50, {.number_bytes = 2}};
    std::array<uint8_t, 3> into{};
    device.read_burst(0x0fa0, into);
    EXPECT_EQ(into, (std::array<uint8_t, 3>{1, 2, 3}));
    device.write_burst(0x0007, std::array<uint8_t, 2>{0xaa, 0xbb});
    device.write<uint8_t>(0x0102, 0xff);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_device, changes_bits_in_one_session)
{
    playback_bus bus{R"(
        session {
            w 0x68 0f ; r 0x68 88
            w 0x68 0f 08
        }
        session {
            w 0x68 02 ; r 0x68 12 34
            w 0x68 02 f2 3f
        }
    )"};
    i2c_device clock{bus, 0x68};
    EXPECT_EQ(clock.update_bits<uint8_t>(0x0f, 0x80, 0x00), 0x08);
    EXPECT_EQ(clock.update_bits<uint16_t>(0x02, 0xf00f, 0xffff), 0xf23f);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_device, exchanges_only_what_it_expects)
{
    playback_bus bus{R"(
        session {
            w 0x20 00 ; r 0x20 07
            w 0x20 00 09
        }
        w 0x20 00 ; r 0x20 09
    )"};
    i2c_device device{bus, 0x20};
    EXPECT_TRUE(device.compare_exchange<uint8_t>(0, 7, 9));
    EXPECT_FALSE(device.compare_exchange<uint8_t>(0, 7, 9));
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_device, a_change_begins_again_from_its_first_step_when_arbitration_is_lost)
{
    playback_bus bus{R"(
        session {
            w 0x20 00 ; r 0x20 00
            w 0x20 00 01 ! EAGAIN
            w 0x20 00 ; r 0x20 f0
            w 0x20 00 f1
        }
        w 0x20 00 ; r 0x20 xx ! EAGAIN   # inside a session that is its owner's decision
    )",
                     {.retry = i2c_retry::arbitration_lost()}};
    i2c_device device{bus, 0x20};
    EXPECT_EQ(device.update_bits<uint8_t>(0, 0x01, 0x01), 0xf1);
    const auto session = bus.session();
    std::error_code error;
    device.update_bits<uint8_t>(0, 0x01, 0x01, error);
    EXPECT_EQ(error, i2c_errc::arbitration_lost);
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_device, a_failed_step_ends_a_change_and_frees_the_bus)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    i2c_device device{bus, absent};
    std::error_code error;
    EXPECT_EQ(device.update_bits<uint8_t>(0, 1, 1, error), 0);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    EXPECT_FALSE(device.compare_exchange<uint8_t>(0, 0, 1, error));
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    EXPECT_THROW(device.update_bits<uint8_t>(0, 1, 1), std::system_error);
    EXPECT_FALSE(resourcelock::resource_lock{sim.lock()}.is_locked());
}

TEST(i2c_device, refuses_what_does_not_exist_before_anything_is_sent)
{
    playback_bus bus{""};
    i2c_device device{bus, 0x20};
    i2c_device large{bus, 0x50, {.number_bytes = 2}};
    std::error_code error;
    for (const int number : {-1, 0x100, 0x10000}) {
        std::ignore = device.read<uint8_t>(number, error);
        EXPECT_EQ(error, i2c_errc::bad_argument) << number;
        device.write<uint16_t>(number, 0, error);
        EXPECT_EQ(error, i2c_errc::bad_argument) << number;
        EXPECT_THROW(device.update_bits<uint8_t>(number, 1, 1), std::system_error);
    }
    std::ignore = large.read<uint8_t>(0x10000, error);
    EXPECT_EQ(error, i2c_errc::bad_argument);
    const bytes longest(8192);
    large.write_burst(0, std::span{longest}.first(8191), error);
    EXPECT_EQ(error, i2c_errc::bad_length);
    device.write_burst(0, longest, error);
    EXPECT_EQ(error, i2c_errc::bad_length);
    device.write_burst(0, {}, error);
    EXPECT_EQ(error, i2c_errc::bad_length);
    device.read_burst(0, {}, error);
    EXPECT_EQ(error, i2c_errc::bad_length);
    EXPECT_THROW((i2c_device{bus, 0x20, {.number_bytes = 0}}), std::system_error);
    EXPECT_THROW((i2c_device{bus, 0x20, {.number_bytes = 3}}), std::system_error);
    std::ignore = i2c_device{bus, 0x80}.read<uint8_t>(0, error);
    EXPECT_EQ(error, i2c_errc::bad_address);
    EXPECT_EQ(bus.report(), "");
}

/// Switches one bit of a register on and off; the low-threshold register of the ADS1115 keeps what it is
/// given.
const role toggle{"device.toggle", [](const std::vector<std::string>& args) {
                      i2c_bus bus{args.at(0), {.timeout = 20s}};
                      i2c_device device{bus, ads1115};
                      const auto mask = static_cast<uint16_t>(1U << std::stoul(args.at(1)));
                      int lost = 0;
                      say("ready");
                      hear();
                      for (int i = 0; i < 100; ++i) {
                          const auto value = static_cast<uint16_t>(i % 2 == 0 ? mask : 0);
                          device.update_bits<uint16_t>(2, mask, value);
                          lost += (device.read<uint16_t>(2) & mask) != value;
                      }
                      say(std::to_string(lost));
                      return 0;
                  }};

TEST(i2c_device, changes_of_several_processes_lose_nothing)
{
    const sim_name sim;
    EXPECT_EQ(run_together("device.toggle", {{sim.bus(), "0"}, {sim.bus(), "1"}, {sim.bus(), "2"}}),
              std::vector<std::string>(3, "0"));
}

/// A split measurement of the ADS1115, and how often it began.
struct measured {
    int code;
    int starts;
};

measured measure_split(i2c_bus& bus, unsigned channel, std::chrono::nanoseconds wait)
{
    i2c_device device{bus, ads1115};
    int starts = 0;
    const int code = device.split_phase(
        [&](i2c_session& session) {
            ++starts;
            // The chip ignores a start while it measures for somebody else.
            while ((device.read<uint16_t>(1) & 0x8000) == 0)
                std::this_thread::sleep_for(200us);
            session.write(ads1115, start_conversion(channel));
        },
        wait, [](i2c_session& session) { return read_result(session); });
    return {code, starts};
}

TEST(i2c_device, gives_the_bus_away_while_the_device_measures)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::thread another{[&] {
        i2c_bus same{sim.bus()};
        for (int i = 0; i < 20; ++i) {
            same.write(at24c32, {0, 0}); // another device: does not disturb
            std::this_thread::sleep_for(1ms);
        }
    }};
    const auto [code, starts] = measure_split(bus, 1, 10ms);
    EXPECT_EQ(code, channel_codes[1]);
    EXPECT_EQ(starts, 1);
    another.join();
}

TEST(i2c_device, begins_again_when_somebody_touched_the_device)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    i2c_device device{bus, ads1115};
    int starts = 0;
    std::jthread other;
    const int code = device.split_phase(
        [&](i2c_session& session) {
            session.write(ads1115, start_conversion(1));
            if (++starts == 1)
                other = std::jthread{[&sim] {
                    i2c_bus another{sim.bus()};
                    another.write(ads1115, start_conversion(3));
                }};
        },
        20ms, [](i2c_session& session) { return read_result(session); });
    EXPECT_EQ(code, channel_codes[1]);
    EXPECT_EQ(starts, 2);
}

/// Measures for ever, without a session over it: always in between.
const role disturb{"device.disturb", [](const std::vector<std::string>& args) {
                       i2c_bus bus{args.at(0)};
                       say("ready");
                       for (;;) {
                           bus.write(ads1115, start_conversion(3));
                           std::this_thread::sleep_for(2ms);
                       }
                       return 0;
                   }};

TEST(i2c_device, keeps_the_bus_when_others_never_leave_the_device_alone)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    auto other = child::in_role("device.disturb", {sim.bus()});
    ASSERT_EQ(other.line(), "ready");
    const auto [code, starts] = measure_split(bus, 1, 30ms);
    EXPECT_EQ(code, channel_codes[1]);
    EXPECT_EQ(starts, 4) << "three times in vain, then with the bus held";
}

TEST(i2c_device, a_general_call_touches_every_device)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    int starts = 0;
    i2c_device device{bus, ads1115};
    device.split_phase(
        [&](i2c_session& session) {
            session.write(ads1115, start_conversion(1));
            ++starts;
        },
        1ms, [&](i2c_session&) {});
    EXPECT_EQ(starts, 1);
    starts = 0;
    std::jthread other;
    device.split_phase(
        [&](i2c_session& session) {
            session.write(ads1115, start_conversion(1));
            if (++starts == 1)
                other = std::jthread{[&bus] {
                    std::error_code not_answered;
                    bus.write(resourcelock::i2c_address::reserved(0), {0x06}, not_answered);
                }};
        },
        20ms, [&](i2c_session&) {});
    EXPECT_EQ(starts, 2);
}

TEST(i2c_device, keeps_the_bus_of_a_session_around_it)
{
    playback_bus bus{"session {\nw 0x20 01\nw 0x20 02\n}"};
    i2c_device device{bus, 0x20};
    const auto session = bus.session();
    device.split_phase([](i2c_session& inner) { inner.write(0x20, {1}); }, 1ms,
                       [](i2c_session& inner) { inner.write(0x20, {2}); });
    EXPECT_EQ(bus.report(), "");
}

/// Measures one channel again and again, giving the bus away each time; says how many results were wrong.
const role split_many{"device.split_many", [](const std::vector<std::string>& args) {
                          i2c_bus bus{args.at(0), {.timeout = 20s}};
                          const auto channel = static_cast<unsigned>(std::stoul(args.at(1)));
                          int wrong = 0;
                          say("ready");
                          hear();
                          for (int i = 0; i < 30; ++i)
                              wrong += measure_split(bus, channel, 2ms).code != channel_codes[channel];
                          say(std::to_string(wrong));
                          return 0;
                      }};

TEST(i2c_device, two_splitting_processes_never_get_each_others_results)
{
    const sim_name sim;
    EXPECT_EQ(run_together("device.split_many", {{sim.bus(), "0"}, {sim.bus(), "1"}}),
              (std::vector<std::string>{"0", "0"}));
}

TEST(i2c_device, polls_a_device_that_answers_when_it_is_done)
{
    playback_bus bus{R"(
        w 0x44 24 00
        session {
            r 0x44 xx xx ! EREMOTEIO
            r 0x44 xx xx ! EREMOTEIO
            r 0x44 12 34
        }
    )"};
    i2c_device device{bus, 0x44};
    std::array<uint8_t, 2> word{};
    device.split_phase(
        [](i2c_session& session) {
            session.write(0x44, {0x24, 0x00});
        },
        1ms, [&](i2c_session& session) { session.read(0x44, word); }, {.retry = i2c_retry::while_busy(1s)});
    EXPECT_EQ(word, (std::array<uint8_t, 2>{0x12, 0x34}));
    EXPECT_EQ(bus.report(), "");
}

TEST(i2c_device, keeps_the_bus_when_nobody_can_tell_who_touched_the_device)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    unlink((sim.info_path() + ".touched").c_str());
    const auto [code, starts] = measure_split(bus, 1, 2ms);
    EXPECT_EQ(code, channel_codes[1]);
    EXPECT_EQ(starts, 4);
}

} // namespace
