// What adapters get that speak SMBus only.
#include "sending.hpp"
#include "smbus_equivalent.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <linux/i2c.h>

namespace {

using namespace resourcelock;
using kind = smbus_call::kind;
using bytes = std::vector<std::uint8_t>;

constexpr unsigned long everything = I2C_FUNC_SMBUS_EMUL | I2C_FUNC_SMBUS_BLOCK_PROC_CALL;
constexpr unsigned long no_words = everything & ~static_cast<unsigned long>(I2C_FUNC_SMBUS_WORD_DATA);
constexpr unsigned long no_blocks = everything & ~static_cast<unsigned long>(I2C_FUNC_SMBUS_I2C_BLOCK);

/// Only an adapter: remembers the call.
class smbus_only final : public adapter {
public:
    explicit smbus_only(unsigned long functionality) : functionality_{functionality} {}
    [[nodiscard]] adapter_limits limits() const noexcept override
    {
        return {.functionality = functionality_};
    }
    std::error_code transfer(std::span<const i2c_message>) noexcept override
    {
        ADD_FAILURE() << "does not send messages";
        return {};
    }
    std::error_code smbus(const smbus_call& call, std::size_t&) noexcept override
    {
        calls.push_back(call.size);
        reads.push_back(call.is_read);
        commands.push_back(call.command);
        sent.emplace_back(call.data.begin(), call.data.end());
        if (call.is_read || call.size == kind::process_call)
            for (std::uint8_t next = 0xa0; auto& byte : call.data)
                byte = next++;
        return {};
    }

    std::vector<kind> calls;
    std::vector<bool> reads;
    bytes commands;
    std::vector<bytes> sent;

private:
    unsigned long functionality_;
};

bytes numbers(std::size_t count)
{
    bytes result;
    for (std::size_t number = 1; number <= count; ++number)
        result.push_back(static_cast<std::uint8_t>(number));
    return result;
}

std::optional<kind> written_as(std::size_t count, unsigned long functionality)
{
    smbus_buffer buffer{};
    const auto data = numbers(count);
    const auto call = smbus_equivalent(std::array{i2c_message::write(0x48, data)}, functionality, buffer);
    return call ? std::optional{call->size} : std::nullopt;
}

std::optional<kind> read_as(std::size_t sent, std::size_t count, unsigned long functionality)
{
    smbus_buffer buffer{};
    const auto data = numbers(sent);
    bytes into(count);
    const std::array messages{i2c_message::write(0x48, data), i2c_message::read(0x48, into)};
    const auto call = smbus_equivalent(sent == 0 ? std::span{messages}.subspan(1) : std::span{messages},
                                       functionality, buffer);
    return call ? std::optional{call->size} : std::nullopt;
}

std::error_code send_all(adapter& device, std::span<const i2c_message> messages, splitting allowed)
{
    return send(device, messages, allowed);
}

TEST(smbus_equivalent, of_a_write)
{
    EXPECT_EQ(written_as(1, everything), kind::byte);
    EXPECT_EQ(written_as(2, everything), kind::byte_data);
    EXPECT_EQ(written_as(3, everything), kind::word_data);
    EXPECT_EQ(written_as(3, no_words), kind::i2c_block_data);
    EXPECT_EQ(written_as(4, everything), kind::i2c_block_data);
    EXPECT_EQ(written_as(33, everything), kind::i2c_block_data);
    EXPECT_EQ(written_as(34, everything), std::nullopt);
    EXPECT_EQ(written_as(4, no_blocks), std::nullopt);
}

TEST(smbus_equivalent, of_a_read)
{
    EXPECT_EQ(read_as(0, 1, everything), kind::byte);
    EXPECT_EQ(read_as(0, 2, everything), std::nullopt) << "nothing reads more without a command";
    EXPECT_EQ(read_as(1, 1, everything), kind::byte_data);
    EXPECT_EQ(read_as(1, 2, everything), kind::word_data);
    EXPECT_EQ(read_as(1, 2, no_words), kind::i2c_block_data);
    EXPECT_EQ(read_as(1, 3, everything), kind::i2c_block_data);
    EXPECT_EQ(read_as(1, 32, everything), kind::i2c_block_data);
    EXPECT_EQ(read_as(1, 33, everything), std::nullopt);
    EXPECT_EQ(read_as(1, 32, no_blocks), std::nullopt);
    EXPECT_EQ(read_as(3, 2, everything), kind::process_call);
    EXPECT_EQ(read_as(2, 2, everything), std::nullopt);
    EXPECT_EQ(read_as(3, 3, everything), std::nullopt);
}

TEST(smbus_equivalent, there_is_none_for_what_smbus_does_not_know)
{
    smbus_buffer buffer{};
    bytes data(1);
    bytes room(33);
    const auto none = [&](std::initializer_list<i2c_message> messages) {
        return !smbus_equivalent(std::span{messages.begin(), messages.size()}, everything, buffer);
    };
    EXPECT_TRUE(none({i2c_message::write(i2c_address::ten_bit(0x48), data)}));
    EXPECT_TRUE(none({i2c_message::write(0x48, data).with(i2c_flag::ignore_nak)}));
    EXPECT_TRUE(none({i2c_message::read_block(0x48, room)}));
    EXPECT_TRUE(none({i2c_message::write(0x48, data), i2c_message::read(0x49, data)}));
    EXPECT_TRUE(none({i2c_message::write(0x48, data), i2c_message::write(0x48, data)}));
    EXPECT_TRUE(none({i2c_message::read(0x48, data), i2c_message::read(0x48, data)}));
    EXPECT_TRUE(none(
        {i2c_message::write(0x48, data), i2c_message::read(0x48, data), i2c_message::write(0x48, data)}));
}

TEST(smbus_equivalent, carries_the_same_bytes)
{
    smbus_only device{everything};
    const bytes three{0x10, 0x11, 0x12};
    const bytes command{0x20};
    bytes into(5);
    ASSERT_FALSE(send_all(device, std::array{i2c_message::write(0x48, three)}, splitting::never));
    ASSERT_FALSE(send_all(device, std::array{i2c_message::write(0x48, command)}, splitting::never));
    ASSERT_FALSE(send_all(device,
                          std::array{i2c_message::write(0x48, command), i2c_message::read(0x48, into)},
                          splitting::never));
    EXPECT_EQ(device.calls, (std::vector{kind::word_data, kind::byte, kind::i2c_block_data}));
    EXPECT_EQ(device.reads, (std::vector{false, false, true}));
    EXPECT_EQ(device.commands[0], 0x10);
    EXPECT_EQ(device.sent[0], (bytes{0x11, 0x12}));
    EXPECT_EQ(device.sent[1], (bytes{0x20}));
    EXPECT_EQ(device.commands[2], 0x20);
    EXPECT_EQ(into, (bytes{0xa0, 0xa1, 0xa2, 0xa3, 0xa4}));
}

TEST(smbus_equivalent, goes_out_in_parts_where_that_is_allowed)
{
    smbus_only device{everything};
    const bytes command{0x20};
    bytes one(1);
    bytes two(2);
    const std::array messages{i2c_message::write(0x48, command), i2c_message::read(0x48, one),
                              i2c_message::write(0x48, command), i2c_message::read(0x48, two)};
    EXPECT_EQ(send_all(device, messages, splitting::never), i2c_errc::not_supported);
    ASSERT_FALSE(send_all(device, messages, splitting::where_refused));
    EXPECT_EQ(device.calls, (std::vector{kind::byte_data, kind::word_data}));
    EXPECT_EQ(two, (bytes{0xa0, 0xa1}));
}

} // namespace
