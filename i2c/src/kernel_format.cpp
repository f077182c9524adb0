#include "kernel_format.hpp"

#include "smbus_block.hpp"

#include <algorithm>
#include <cerrno>

namespace resourcelock::kernel_format {

std::uint8_t command_of(const smbus_call& call) noexcept
{
    return call.size == smbus_call::kind::byte && !call.is_read ? call.data[0] : call.command;
}

static_assert(static_cast<int>(i2c_flag::no_read_acknowledge) == I2C_M_NO_RD_ACK &&
              static_cast<int>(i2c_flag::ignore_nak) == I2C_M_IGNORE_NAK &&
              static_cast<int>(i2c_flag::reverse_direction) == I2C_M_REV_DIR_ADDR &&
              static_cast<int>(i2c_flag::no_start) == I2C_M_NOSTART &&
              static_cast<int>(i2c_flag::stop) == I2C_M_STOP);

i2c_msg message(const i2c_message& from) noexcept
{
    i2c_msg result{};
    result.addr = static_cast<std::uint16_t>(from.address().value());
    result.flags = static_cast<std::uint16_t>(from.flags() | (from.is_read() ? I2C_M_RD : 0) |
                                              (from.address().is_ten_bit() ? I2C_M_TEN : 0) |
                                              (from.device_tells_length() ? I2C_M_RECV_LEN : 0));
    result.len = static_cast<std::uint16_t>(from.bytes().size());
    result.buf = const_cast<std::uint8_t*>(from.bytes().data()); // the kernel only reads what it sends
    if (from.device_tells_length()) {
        // i2cdev_ioctl_rdwr wants the number of bytes before the block there, its length, and room for both.
        from.into()[0] = 1;
        result.len = 1 + longest_block;
    }
    return result;
}

int size_of(const smbus_call& call) noexcept
{
    switch (call.size) {
    case smbus_call::kind::quick:
        return I2C_SMBUS_QUICK;
    case smbus_call::kind::byte:
        return I2C_SMBUS_BYTE;
    case smbus_call::kind::byte_data:
        return I2C_SMBUS_BYTE_DATA;
    case smbus_call::kind::word_data:
        return I2C_SMBUS_WORD_DATA;
    case smbus_call::kind::process_call:
        return I2C_SMBUS_PROC_CALL;
    case smbus_call::kind::block_data:
        return I2C_SMBUS_BLOCK_DATA;
    case smbus_call::kind::i2c_block_data:
        return I2C_SMBUS_I2C_BLOCK_DATA;
    case smbus_call::kind::block_process_call:
        break;
    }
    return I2C_SMBUS_BLOCK_PROC_CALL;
}

i2c_smbus_data data_of(const smbus_call& call) noexcept
{
    i2c_smbus_data data{};
    switch (call.size) {
    case smbus_call::kind::quick:
    case smbus_call::kind::byte: // travels as the command
        break;
    case smbus_call::kind::byte_data:
        data.byte = call.data[0];
        break;
    case smbus_call::kind::word_data:
    case smbus_call::kind::process_call:
        data.word = static_cast<std::uint16_t>(call.data[0] | call.data[1] << 8);
        break;
    case smbus_call::kind::block_data:
    case smbus_call::kind::i2c_block_data:
    case smbus_call::kind::block_process_call: {
        const bool whole = call.size != smbus_call::kind::block_process_call;
        const auto block = whole ? call.data : call.data.first(call.to_write);
        data.block[0] = static_cast<std::uint8_t>(std::min(block.size(), longest_block));
        std::copy_n(block.begin(), data.block[0], data.block + 1);
        break;
    }
    }
    return data;
}

std::error_code take_answer(const smbus_call& call, const i2c_smbus_data& data,
                            std::size_t& block_size) noexcept
{
    switch (call.size) {
    case smbus_call::kind::quick:
        return {};
    case smbus_call::kind::byte:
    case smbus_call::kind::byte_data:
        if (call.is_read)
            call.data[0] = data.byte;
        return {};
    case smbus_call::kind::word_data:
    case smbus_call::kind::process_call:
        if (call.is_read || call.size == smbus_call::kind::process_call) {
            call.data[0] = static_cast<std::uint8_t>(data.word & 0xff);
            call.data[1] = static_cast<std::uint8_t>(data.word >> 8);
        }
        return {};
    case smbus_call::kind::i2c_block_data:
        if (call.is_read && data.block[0] != call.data.size())
            return {EIO, std::system_category()};
        break;
    case smbus_call::kind::block_data:
    case smbus_call::kind::block_process_call:
        break;
    }
    if (!call.is_read && call.size != smbus_call::kind::block_process_call)
        return {};
    if (!is_block_length(data.block[0]))
        return {EPROTO, std::system_category()};
    block_size = data.block[0];
    std::copy_n(data.block + 1, block_size, call.data.begin());
    return {};
}

} // namespace resourcelock::kernel_format
