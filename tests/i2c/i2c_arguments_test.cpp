// Bad arguments of every call on a bus: refused with a sentence, before anything is sent. Long, because it
// has all calls.
#include "devices.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>

namespace {

using namespace test;
using resourcelock::i2c_address;
using resourcelock::i2c_bus;
using resourcelock::i2c_errc;
using resourcelock::i2c_flag;
using resourcelock::i2c_message;

/// One entry point in both of its forms. A caller's mistake must give this condition and must not reach the
/// devices.
struct entry {
    const char* name;
    std::function<void(i2c_bus&, std::error_code&)> storing;
    std::function<void(i2c_bus&)> throwing;
};

void expect_refused(i2c_bus& bus, const entry& call, i2c_errc expected)
{
    SCOPED_TRACE(call.name);
    std::error_code error;
    call.storing(bus, error);
    EXPECT_EQ(error, expected) << error.message();
    try {
        call.throwing(bus);
        ADD_FAILURE() << "nothing thrown";
    } catch (const std::system_error& thrown) {
        EXPECT_EQ(thrown.code(), expected);
        EXPECT_NE(std::string{thrown.what()}.find(bus.name()), std::string::npos) << thrown.what();
    }
    EXPECT_FALSE(resourcelock::resource_lock{bus.lock_name()}.is_locked());
}

/// Long, because it is a table: each call in both of its forms.
std::vector<entry> calls_to(i2c_address address)
{
    static bytes one(1);
    static bytes block(32);
    return {
        {"write", [=](auto& bus, auto& error) { bus.write(address, one, error); },
         [=](auto& bus) { bus.write(address, one); }},
        {"write a list", [=](auto& bus, auto& error) { bus.write(address, {1}, error); },
         [=](auto& bus) { bus.write(address, {1}); }},
        {"read", [=](auto& bus, auto& error) { bus.read(address, one, error); },
         [=](auto& bus) { bus.read(address, one); }},
        {"write_read", [=](auto& bus, auto& error) { bus.write_read(address, one, one, error); },
         [=](auto& bus) { bus.write_read(address, one, one); }},
        {"write_read a list", [=](auto& bus, auto& error) { bus.write_read(address, {1}, one, error); },
         [=](auto& bus) { bus.write_read(address, {1}, one); }},
        {"transfer",
         [=](auto& bus, auto& error) {
             const std::array messages{i2c_message::write(ads1115, one), i2c_message::read(address, one)};
             bus.transfer(messages, error);
         },
         [=](auto& bus) {
             const std::array messages{i2c_message::write(ads1115, one), i2c_message::read(address, one)};
             bus.transfer(messages);
         }},
        {"transfer a list",
         [=](auto& bus, auto& error) { bus.transfer({i2c_message::write(address, one)}, error); },
         [=](auto& bus) { bus.transfer({i2c_message::write(address, one)}); }},
        {"transfer_in_parts",
         [=](auto& bus, auto& error) { bus.transfer_in_parts({i2c_message::read(address, one)}, error); },
         [=](auto& bus) { bus.transfer_in_parts({i2c_message::read(address, one)}); }},
        {"write_quick", [=](auto& bus, auto& error) { bus.write_quick(address, false, error); },
         [=](auto& bus) { bus.write_quick(address); }},
        {"read_byte", [=](auto& bus, auto& error) { static_cast<void>(bus.read_byte(address, error)); },
         [=](auto& bus) { static_cast<void>(bus.read_byte(address)); }},
        {"write_byte", [=](auto& bus, auto& error) { bus.write_byte(address, 1, error); },
         [=](auto& bus) { bus.write_byte(address, 1); }},
        {"process_call",
         [=](auto& bus, auto& error) { static_cast<void>(bus.process_call(address, 0, 1, error)); },
         [=](auto& bus) { static_cast<void>(bus.process_call(address, 0, 1)); }},
        {"read_i2c_block_data",
         [=](auto& bus, auto& error) { bus.read_i2c_block_data(address, 0, one, error); },
         [=](auto& bus) { bus.read_i2c_block_data(address, 0, one); }},
        {"write_i2c_block_data",
         [=](auto& bus, auto& error) { bus.write_i2c_block_data(address, 0, one, error); },
         [=](auto& bus) { bus.write_i2c_block_data(address, 0, one); }},
        {"block_process_call",
         [=](auto& bus, auto& error) {
             static_cast<void>(bus.block_process_call(address, 0, one, block, error));
         },
         [=](auto& bus) { static_cast<void>(bus.block_process_call(address, 0, one, block)); }},
        {"read_byte_data",
         [=](auto& bus, auto& error) { static_cast<void>(bus.read_byte_data(address, 0, error)); },
         [=](auto& bus) { static_cast<void>(bus.read_byte_data(address, 0)); }},
        {"write_byte_data", [=](auto& bus, auto& error) { bus.write_byte_data(address, 0, 1, error); },
         [=](auto& bus) { bus.write_byte_data(address, 0, 1); }},
        {"read_word_data",
         [=](auto& bus, auto& error) { static_cast<void>(bus.read_word_data(address, 0, error)); },
         [=](auto& bus) { static_cast<void>(bus.read_word_data(address, 0)); }},
        {"write_word_data", [=](auto& bus, auto& error) { bus.write_word_data(address, 0, 1, error); },
         [=](auto& bus) { bus.write_word_data(address, 0, 1); }},
        {"read_block_data",
         [=](auto& bus, auto& error) { static_cast<void>(bus.read_block_data(address, 0, block, error)); },
         [=](auto& bus) { static_cast<void>(bus.read_block_data(address, 0, block)); }},
        {"write_block_data", [=](auto& bus, auto& error) { bus.write_block_data(address, 0, block, error); },
         [=](auto& bus) { bus.write_block_data(address, 0, block); }},
    };
}

TEST(i2c_arguments, an_invalid_address_is_refused_by_every_call)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const auto address :
         {i2c_address{-1}, i2c_address{0x00}, i2c_address{0x07}, i2c_address{0x78}, i2c_address{0x7f},
          i2c_address{0x80}, i2c_address{0x148}, i2c_address{0x10048}, i2c_address::reserved(-1),
          i2c_address::reserved(0x80), i2c_address::ten_bit(-1), i2c_address::ten_bit(0x400)}) {
        SCOPED_TRACE(address.value());
        for (const auto& call : calls_to(address))
            expect_refused(bus, call, i2c_errc::bad_address);
    }
}

TEST(i2c_arguments, a_ten_bit_address_is_refused_by_an_adapter_that_cannot)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const auto& call : calls_to(i2c_address::ten_bit(0x48)))
        expect_refused(bus, call, i2c_errc::not_supported);
}

TEST(i2c_arguments, a_reserved_address_is_used_when_asked_for)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const int address : {0x00, 0x07, 0x78, 0x7f}) {
        std::error_code error;
        bus.write(i2c_address::reserved(address), {1}, error);
        EXPECT_EQ(error, i2c_errc::no_acknowledge);
    }
}

TEST(i2c_arguments, lengths_outside_the_limits_are_refused)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{8193}, std::size_t{65536}, std::size_t{65537}}) {
        SCOPED_TRACE(size);
        bytes data(size);
        bytes one(1);
        const entry calls[] = {
            {"write", [&](auto& b, auto& error) { b.write(ads1115, data, error); },
             [&](auto& b) { b.write(ads1115, data); }},
            {"read", [&](auto& b, auto& error) { b.read(ads1115, data, error); },
             [&](auto& b) { b.read(ads1115, data); }},
            {"write_read, written", [&](auto& b, auto& error) { b.write_read(ads1115, data, one, error); },
             [&](auto& b) { b.write_read(ads1115, data, one); }},
            {"write_read, read", [&](auto& b, auto& error) { b.write_read(ads1115, one, data, error); },
             [&](auto& b) { b.write_read(ads1115, one, data); }},
            {"transfer",
             [&](auto& b, auto& error) {
                 b.transfer({i2c_message::write(ads1115, one), i2c_message::write(ads1115, data)}, error);
             },
             [&](auto& b) {
                 b.transfer({i2c_message::write(ads1115, one), i2c_message::write(ads1115, data)});
             }},
        };
        for (const auto& call : calls)
            expect_refused(bus, call, i2c_errc::bad_length);
    }
}

TEST(i2c_arguments, the_longest_message_is_let_through)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    EXPECT_EQ(read_bytes(bus, at24c32, 8192), bytes(8192, 0xff));
}

TEST(i2c_arguments, a_transfer_has_1_to_42_messages)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const bytes one{0x00};
    std::error_code error;
    for (const std::size_t count : {std::size_t{0}, std::size_t{43}, std::size_t{65537}}) {
        const std::vector<i2c_message> messages(count, i2c_message::write(ads1115, one));
        expect_refused(bus,
                       {"transfer", [&](auto& b, auto& e) { b.transfer(messages, e); },
                        [&](auto& b) { b.transfer(messages); }},
                       i2c_errc::bad_length);
    }
    const std::vector<i2c_message> most(42, i2c_message::write(ads1115, one));
    bus.transfer(most, error);
    EXPECT_FALSE(error) << error.message();
}

TEST(i2c_arguments, memory_that_is_nowhere_is_refused)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    std::uint8_t* const nowhere = nullptr;
    const std::span<std::uint8_t> null{nowhere, 4};
    const std::span<std::uint8_t> null_room{nowhere, 33};
    const bytes one(1);
    bytes into(32);
    const auto refused = [&bus](const char* name, const auto& call) {
        expect_refused(bus,
                       {name, [&call](auto& b, auto& error) { call(b, error); },
                        [&call](auto& b) {
                            std::error_code error;
                            call(b, error);
                            throw std::system_error{error, b.name()};
                        }},
                       i2c_errc::bad_length);
    };
    refused("write", [&](auto& b, auto& error) { b.write(at24c32, null, error); });
    refused("read", [&](auto& b, auto& error) { b.read(at24c32, null, error); });
    refused("write_read", [&](auto& b, auto& error) { b.write_read(at24c32, one, null, error); });
    refused("write_block", [&](auto& b, auto& error) { b.write_block_data(at24c32, 0, null, error); });
    refused("write_i2c", [&](auto& b, auto& error) { b.write_i2c_block_data(at24c32, 0, null, error); });
    refused("read_i2c", [&](auto& b, auto& error) { b.read_i2c_block_data(at24c32, 0, null, error); });
    refused("read_block",
            [&](auto& b, auto& error) { std::ignore = b.read_block_data(at24c32, 0, null_room, error); });
    refused("process, to write",
            [&](auto& b, auto& error) { std::ignore = b.block_process_call(at24c32, 0, null, into, error); });
    refused("process, to read", [&](auto& b, auto& error) {
        std::ignore = b.block_process_call(at24c32, 0, one, null_room, error);
    });
    refused("no messages", [&](auto& b, auto& error) {
        b.transfer(std::span<const i2c_message>{static_cast<const i2c_message*>(nullptr), 0}, error);
    });
}

TEST(i2c_arguments, a_block_that_the_device_measures_needs_room_for_the_longest)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{32}, std::size_t{8193}}) {
        SCOPED_TRACE(size);
        bytes into(size);
        expect_refused(
            bus,
            {"transfer",
             [&](auto& b, auto& error) { b.transfer({i2c_message::read_block(at24c32, into)}, error); },
             [&](auto& b) { b.transfer({i2c_message::read_block(at24c32, into)}); }},
            i2c_errc::bad_length);
    }
}

TEST(i2c_arguments, an_adapter_refuses_the_deviations_it_does_not_have)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    bytes room(33);
    for (const auto& message :
         {i2c_message::read(at24c32, room).with(i2c_flag::no_read_acknowledge),
          i2c_message::write(at24c32, room).with(i2c_flag::ignore_nak),
          i2c_message::read(at24c32, room).with(i2c_flag::reverse_direction),
          i2c_message::write(at24c32, room).with(i2c_flag::no_start),
          i2c_message::write(at24c32, room).with(i2c_flag::stop), i2c_message::read_block(at24c32, room)})
        expect_refused(bus,
                       {"transfer", [&](auto& b, auto& error) { b.transfer({message}, error); },
                        [&](auto& b) { b.transfer({message}); }},
                       i2c_errc::not_supported);
}

TEST(i2c_arguments, a_transfer_longer_than_the_adapter_waits_is_refused)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const bytes data(8000);
    const entry call{
        "transfer",
        [&](auto& b, auto& error) {
            b.transfer({i2c_message::write(at24c32, data), i2c_message::write(at24c32, data)}, error);
        },
        [&](auto& b) {
            b.transfer({i2c_message::write(at24c32, data), i2c_message::write(at24c32, data)});
        }};
    expect_refused(bus, call, i2c_errc::too_long);
}

// The same for each of the calls that take a block.
TEST(i2c_arguments, an_smbus_block_has_1_to_32_bytes)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    for (const std::size_t size : {std::size_t{0}, std::size_t{33}, std::size_t{34}, std::size_t{256}}) {
        SCOPED_TRACE(size);
        const bytes data(size);
        expect_refused(bus,
                       {"write_block_data",
                        [&](auto& b, auto& error) { b.write_block_data(at24c32, 0, data, error); },
                        [&](auto& b) { b.write_block_data(at24c32, 0, data); }},
                       i2c_errc::bad_length);
        expect_refused(bus,
                       {"write_i2c_block_data",
                        [&](auto& b, auto& error) { b.write_i2c_block_data(at24c32, 0, data, error); },
                        [&](auto& b) { b.write_i2c_block_data(at24c32, 0, data); }},
                       i2c_errc::bad_length);
        bytes into(size);
        expect_refused(bus,
                       {"read_i2c_block_data",
                        [&](auto& b, auto& error) { b.read_i2c_block_data(at24c32, 0, into, error); },
                        [&](auto& b) { b.read_i2c_block_data(at24c32, 0, into); }},
                       i2c_errc::bad_length);
        bytes room(32);
        expect_refused(bus,
                       {"block_process_call, to write",
                        [&](auto& b, auto& error) {
                            static_cast<void>(b.block_process_call(at24c32, 0, data, room, error));
                        },
                        [&](auto& b) { static_cast<void>(b.block_process_call(at24c32, 0, data, room)); }},
                       i2c_errc::bad_length);
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{31}}) {
        bytes into(size);
        expect_refused(
            bus,
            {"read_block_data",
             [&](auto& b, auto& error) { static_cast<void>(b.read_block_data(at24c32, 0, into, error)); },
             [&](auto& b) { static_cast<void>(b.read_block_data(at24c32, 0, into)); }},
            i2c_errc::bad_length);
        const bytes one(1);
        expect_refused(bus,
                       {"block_process_call, to read into",
                        [&](auto& b, auto& error) {
                            static_cast<void>(b.block_process_call(at24c32, 0, one, into, error));
                        },
                        [&](auto& b) { static_cast<void>(b.block_process_call(at24c32, 0, one, into)); }},
                       i2c_errc::bad_length);
    }
}

TEST(i2c_arguments, the_sentence_names_the_address_at_fault)
{
    const sim_name sim;
    i2c_bus bus{sim.bus()};
    const bytes one(1);
    const auto sentence = [&](auto... messages) {
        try {
            bus.transfer({messages...});
        } catch (const std::system_error& error) {
            return std::string{error.what()};
        }
        return std::string{};
    };
    EXPECT_NE(sentence(i2c_message::write(0x48, one), i2c_message::write(0x99, one)).find("0x99"),
              std::string::npos);
    EXPECT_NE(sentence(i2c_message::write(0x21, one), i2c_message::write(0x21, one)).find("0x21"),
              std::string::npos);
    EXPECT_EQ(sentence(i2c_message::write(0x48, one), i2c_message::write(0x21, one)).find("address 0x"),
              std::string::npos)
        << "which of the two is not known";
}

TEST(i2c_arguments, the_storing_calls_do_not_throw)
{
    i2c_bus* bus = nullptr;
    std::error_code error;
    bytes data;
    static_assert(noexcept(bus->write(1, data, error))&& noexcept(bus->write(1, {1}, error)));
    static_assert(noexcept(bus->read(1, data, error)));
    static_assert(
        noexcept(bus->read_byte_data(1, 1, error))&& noexcept(bus->write_byte_data(1, 1, 1, error)));
    static_assert(
        noexcept(bus->read_word_data(1, 1, error))&& noexcept(bus->write_word_data(1, 1, 1, error)));
    static_assert(noexcept(bus->read_block_data(1, 1, data, error)));
    static_assert(noexcept(bus->write_quick(1, true, error))&& noexcept(bus->read_byte(1, error)));
    static_assert(noexcept(bus->write_byte(1, 1, error))&& noexcept(bus->process_call(1, 1, 1, error)));
    static_assert(noexcept(bus->read_i2c_block_data(1, 1, data, error)));
    static_assert(noexcept(bus->write_i2c_block_data(1, 1, data, error)));
    static_assert(noexcept(bus->block_process_call(1, 1, data, data, error)));
    const resourcelock::session_options options;
    static_assert(noexcept(bus->session(options, error)));
}

} // namespace
