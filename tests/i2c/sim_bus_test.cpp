// The simulated bus itself: how it is shared, and what it answers that is no device's own. Long, because each
// answer has its test.
#include "child.hpp"
#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace test;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_message;

/// Its error as the constructor throws it.
std::system_error error_of(const std::string& bus)
{
    try {
        i2c_bus opened{bus};
    } catch (const std::system_error& error) {
        return error;
    }
    return std::system_error{std::error_code{}, "nothing thrown"};
}

TEST(sim_bus, names_outside_the_rules_are_refused)
{
    for (const std::string& name :
         {std::string{}, std::string(65, 'a'), std::string{"a b"}, std::string{"a/b"}, std::string{"../a"},
          std::string{"a.b"}, std::string{"\xc3\xa4"}, std::string{"a\0b", 3}, std::string{"a\n"}}) {
        const auto error = error_of("sim:" + name);
        EXPECT_EQ(error.code(), i2c_errc::bad_bus) << name;
        EXPECT_EQ(std::string{error.what()}.find('\n'), std::string::npos);
    }
    EXPECT_EQ(error_of("sim").code(), i2c_errc::bad_bus);
    EXPECT_EQ(error_of("SIM:a").code(), i2c_errc::bad_bus);
}

TEST(sim_bus, its_file_is_for_its_owner_only_whatever_the_umask)
{
    for (const mode_t mask : {0000U, 0077U, 0777U}) {
        const sim_name sim;
        const auto before = umask(mask);
        const i2c_bus bus{sim.bus()};
        umask(before);
        struct stat file {};
        ASSERT_EQ(stat(sim.devices_path().c_str(), &file), 0);
        EXPECT_EQ(file.st_mode & 07777, 0600U);
    }
}

TEST(sim_bus, a_file_of_something_else_is_refused_and_kept)
{
    const sim_name good;
    i2c_bus{good.bus()};
    std::ifstream source{good.devices_path(), std::ios::binary};
    const std::string right{std::istreambuf_iterator<char>{source}, {}};
    auto other_version = right;
    other_version[8] = '9';
    for (const auto& content : {std::string{}, std::string(100, 'x'), right + "x", other_version}) {
        const sim_name sim;
        std::ofstream{sim.devices_path(), std::ios::binary} << content;
        const auto error = error_of(sim.bus());
        EXPECT_EQ(error.code(), std::errc::invalid_argument);
        EXPECT_NE(std::string{error.what()}.find(sim.devices_path()), std::string::npos) << error.what();
        std::ifstream file{sim.devices_path(), std::ios::binary};
        EXPECT_EQ((std::string{std::istreambuf_iterator<char>{file}, {}}), content);
    }
}

TEST(sim_bus, a_link_in_place_of_its_file_is_not_followed)
{
    const sim_name good;
    i2c_bus{good.bus()};
    const sim_name sim;
    ASSERT_EQ(symlink(good.devices_path().c_str(), sim.devices_path().c_str()), 0);
    EXPECT_EQ(error_of(sim.bus()).code(), std::errc::too_many_symbolic_link_levels);
}

TEST(sim_bus, processes_that_create_it_at_once_get_the_same_one)
{
    const sim_name sim;
    std::vector<child> peers;
    for (int i = 0; i < 4; ++i)
        peers.push_back(child::in_role("sim_bus.create", {sim.bus()}));
    for (auto& peer : peers)
        ASSERT_EQ(peer.line(), "ready");
    for (auto& peer : peers)
        peer.tell("go");
    for (auto& peer : peers)
        ASSERT_EQ(peer.line(), "open");
    i2c_bus bus{sim.bus()};
    write_memory(bus, 0, {0x42});
    std::this_thread::sleep_for(5ms);
    for (auto& peer : peers) {
        peer.tell("read");
        EXPECT_EQ(peer.line(), "66");
    }
}

const role create{"sim_bus.create", [](const std::vector<std::string>& args) {
                      say("ready");
                      hear();
                      i2c_bus bus{args.at(0)};
                      say("open");
                      hear();
                      say(std::to_string(read_memory(bus, 0, 1).at(0)));
                      return 0;
                  }};

TEST(sim_bus, an_absent_address_answers_as_on_a_raspberry_pi)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const int address : {0x08, absent, 0x45, 0x4a, 0x51, 0x77}) {
        std::error_code error;
        bytes into(1);
        bus.read(address, into, error);
        EXPECT_EQ(error, (std::error_code{EREMOTEIO, std::system_category()}));
        bus.write(address, {0}, error);
        EXPECT_EQ(error, (std::error_code{EREMOTEIO, std::system_category()}));
    }
}

TEST(sim_bus, a_missing_acknowledge_ends_the_transfer)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const bytes low_threshold{0x02, 0x12, 0x34};
    const bytes anything{0x00};
    std::error_code error;
    bus.transfer({i2c_message::write(absent, anything), i2c_message::write(ads1115, low_threshold)}, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    EXPECT_EQ(bus.read_byte_data(ads1115, 0x02), 0x80) << "behind the missing acknowledge";
    bus.transfer({i2c_message::write(ads1115, low_threshold), i2c_message::write(absent, anything)}, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
    EXPECT_EQ(bus.read_byte_data(ads1115, 0x02), 0x12) << "before it";
}

TEST(sim_bus, only_the_last_message_may_read)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const bytes pointer{0x02};
    bytes into(2);
    std::error_code error;
    bus.transfer({i2c_message::write(ads1115, pointer), i2c_message::read(ads1115, into),
                  i2c_message::write(ads1115, pointer)},
                 error);
    EXPECT_EQ(error, (std::error_code{EOPNOTSUPP, std::system_category()}));
    EXPECT_EQ(error, i2c_errc::not_supported);
    bus.transfer({i2c_message::write(ads1115, pointer), i2c_message::write(ads1115, pointer),
                  i2c_message::read(ads1115, into)},
                 error);
    EXPECT_FALSE(error);
    EXPECT_EQ(into, (bytes{0x80, 0x00}));
}

TEST(sim_bus, smbus_calls_are_made_of_messages)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write_word_data(ads1115, 0x02, 0x3412);
    EXPECT_EQ(bus.read_word_data(ads1115, 0x02), 0x3412) << "low byte first";
    EXPECT_EQ(bus.read_byte_data(ads1115, 0x02), 0x12);
    bus.write_byte_data(ads1115, 0x03, 0x99);
    EXPECT_EQ(bus.read_word_data(ads1115, 0x03), 0xff7f) << "half a register is not written";

    bus.write_block_data(at24c32, 0x00, bytes{0x41, 0x42}); // on the wire 00 02 41 42: to position 2
    std::this_thread::sleep_for(5ms);
    EXPECT_EQ(read_memory(bus, 2, 3), (bytes{0x41, 0x42, 0xff}));
    std::error_code error;
    bytes block(32);
    EXPECT_EQ(bus.read_block_data(at24c32, 0x00, block, error), 0U);
    EXPECT_EQ(error, i2c_errc::not_supported) << "nor can i2c-bcm2835";
    EXPECT_EQ(bus.read_byte_data(absent, 0x00, error), 0);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);
}

TEST(sim_bus, smbus_calls_without_a_command_are_made_of_messages)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write_quick(ads1115);
    bus.write_quick(at24c32);
    std::error_code error;
    bus.write_quick(absent, false, error);
    EXPECT_EQ(error, i2c_errc::no_acknowledge);

    bus.write(ads1115, {0x02, 0x12, 0x34});
    bus.write_byte(ads1115, 0x02); // the pointer
    EXPECT_EQ(bus.read_byte(ads1115), 0x12);
    EXPECT_EQ(read_bytes(bus, ads1115, 2), (bytes{0x12, 0x34}));
}

TEST(sim_bus, i2c_blocks_have_their_length_from_the_caller)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bus.write_i2c_block_data(at24c32, 0x00, bytes{0x40, 0x41, 0x42, 0x43}); // from position 0x40 on
    std::this_thread::sleep_for(5ms);
    EXPECT_EQ(read_memory(bus, 0x40, 4), (bytes{0x41, 0x42, 0x43, 0xff}));

    bus.write_i2c_block_data(ads1115, 0x03, bytes{0x56, 0x78});
    bytes into(2);
    bus.read_i2c_block_data(ads1115, 0x03, into);
    EXPECT_EQ(into, (bytes{0x56, 0x78}));
}

TEST(sim_bus, a_process_call_reads_what_its_register_has_after_the_write)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(bus.process_call(ads1115, 0x03, 0x3412), 0x3412);
}

TEST(sim_bus, what_i2c_bcm2835_cannot_do_is_not_supported)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::error_code error;
    bytes block(32);
    EXPECT_EQ(bus.block_process_call(at24c32, 0x00, bytes{1}, block, error), 0U);
    EXPECT_EQ(error, i2c_errc::not_supported);
    bus.write_byte_data(resourcelock::i2c_address{ads1115}.with_pec(), 0x03, 1, error);
    EXPECT_EQ(error, i2c_errc::not_supported);
}

/// Reads from a position of its own again and again. With a lock of its own: only the simulation keeps us
/// apart.
const role read_elsewhere{"sim_bus.read_elsewhere", [](const std::vector<std::string>& args) {
                              i2c_bus bus{args.at(0), {.lock_name = args.at(1)}};
                              say("reading");
                              for (;;)
                                  if (read_memory(bus, 0x0100, 1) != bytes{0xff})
                                      return 1;
                          }};

TEST(sim_bus, a_transaction_is_atomic_without_any_common_lock)
{
    const sim_name sim;
    const sim_name locks[3];
    i2c_bus bus{sim.bus(), {.lock_name = locks[0].lock()}};
    write_memory(bus, 0, {0x42});
    std::this_thread::sleep_for(5ms);
    auto first = child::in_role("sim_bus.read_elsewhere", {sim.bus(), locks[1].lock()});
    auto second = child::in_role("sim_bus.read_elsewhere", {sim.bus(), locks[2].lock()});
    ASSERT_EQ(first.line(), "reading");
    ASSERT_EQ(second.line(), "reading");
    for (int i = 0; i < 10'000; ++i)
        ASSERT_EQ(read_memory(bus, 0, 1), bytes{0x42})
            << "somebody set the position between our two messages";
    EXPECT_FALSE(first.wait(0ms)) << "the others read what is theirs too";
    EXPECT_FALSE(second.wait(0ms));
}

/// Long transactions one after the other: a kill at any time probably hits one.
const role hammer{"sim_bus.hammer", [](const std::vector<std::string>& args) {
                      i2c_bus bus{args.at(0), {.lock_name = args.at(1)}};
                      const auto session = bus.session();
                      bytes into(8192);
                      say("hammering");
                      for (;;)
                          bus.read(at24c32, into);
                      return 0;
                  }};

const role answer{"sim_bus.answer", [](const std::vector<std::string>& args) {
                      i2c_bus bus{args.at(0), {.lock_name = args.at(1)}};
                      while (hear()) {
                          bus.write(ads1115, {0x00});
                          say("done");
                      }
                      return 0;
                  }};

TEST(sim_bus, a_process_killed_inside_a_transaction_leaves_no_lock)
{
    const sim_name sim;
    const sim_name locks[2];
    auto other = child::in_role("sim_bus.answer", {sim.bus(), locks[0].lock()});
    for (int round = 0; round < 30; ++round) {
        auto victim = child::in_role("sim_bus.hammer", {sim.bus(), locks[1].lock()});
        ASSERT_EQ(victim.line(), "hammering");
        std::this_thread::sleep_for(std::chrono::microseconds{37 * round});
        victim.kill();
        other.tell("go");
        ASSERT_EQ(other.line(), "done") << "round " << round;
    }
}

/// The same, with a child that outlives it.
const role hammer_and_fork{"sim_bus.hammer_and_fork", [](const std::vector<std::string>& args) {
                               i2c_bus bus{args.at(0), {.lock_name = args.at(1)}};
                               if (const auto child = fork(); child == 0)
                                   sleep(60);
                               else
                                   say("child " + std::to_string(child));
                               const auto session = bus.session();
                               bytes into(8192);
                               for (;;)
                                   bus.read(at24c32, into);
                               return 0;
                           }};

TEST(sim_bus, a_process_killed_inside_a_transaction_leaves_no_lock_to_its_children)
{
    const sim_name sim;
    const sim_name locks[2];
    i2c_bus bus{sim.bus(), {.lock_name = locks[0].lock()}};
    for (int round = 0; round < 10; ++round) {
        auto victim = child::in_role("sim_bus.hammer_and_fork", {sim.bus(), locks[1].lock()});
        const auto line = victim.line().value_or("");
        ASSERT_TRUE(line.starts_with("child ")) << line;
        std::this_thread::sleep_for(std::chrono::milliseconds{1 + round});
        victim.kill();
        std::error_code error;
        bus.write(ads1115, {0x00}, error);
        ::kill(std::stoi(line.substr(6)), SIGKILL);
        EXPECT_FALSE(error) << error.message() << ", round " << round;
    }
}

TEST(sim_bus, a_process_stopped_inside_a_transaction_is_a_bus_that_hangs)
{
    const sim_name sim;
    const sim_name locks[2];
    i2c_bus bus{sim.bus(), {.lock_name = locks[0].lock()}};
    auto stopped = child::in_role("sim_bus.hammer", {sim.bus(), locks[1].lock()});
    ASSERT_EQ(stopped.line(), "hammering");
    std::error_code error;
    for (int round = 0; round < 100 && !error; ++round) { // until it stops inside one
        stopped.signal(SIGSTOP);
        bus.write(ads1115, {0x00}, error);
        stopped.signal(SIGCONT);
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(error, i2c_errc::timed_out);
    bus.write(ads1115, {0x00});
}

TEST(sim_bus, threads_share_one_object)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                wrong += bus.read_byte_data(ads1115, 0x02) != 0x80;
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, 0);
}

} // namespace
