#pragma once

#include <resourcelock/export.hpp>
#include <resourcelock/i2c_address.hpp>
#include <resourcelock/i2c_errc.hpp>
#include <resourcelock/i2c_message.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <system_error>

namespace resourcelock {

/// One SMBus call, as the kernel's `struct i2c_smbus_ioctl_data` describes it.
struct smbus_call {
    /// Which call: the I2C_SMBUS_* of linux/i2c.h.
    enum class kind {
        quick,              ///< `data` empty
        byte,               ///< 1 byte, without a command
        byte_data,          ///< 1 byte
        word_data,          ///< 2 bytes, low byte first
        process_call,       ///< 2 bytes to write, which the answer replaces
        block_data,         ///< 1 to 32 bytes to write, room for 32 to read
        i2c_block_data,     ///< 1 to 32 bytes; their number is not on the wire
        block_process_call, ///< room for 32 bytes, of which `to_write` are written and the answer replaces
                            ///< all
    };
    i2c_address address;          ///< of the target; its PEC is sent and checked if it has one
    kind size;                    ///< which call
    bool is_read;                 ///< the direction; of `quick`, the bit itself
    std::uint8_t command;         ///< 0 for calls without one
    std::span<std::uint8_t> data; ///< what is written, or room for what is read
    std::size_t to_write = 0;     ///< of a block_process_call
};

/// Whether messages that an adapter refuses together may go out in several transactions.
enum class splitting {
    never,         ///< they are one transaction or an error
    where_refused, ///< each part then ends behind a message that reads
};

/// The calls that talk to devices, the same on a bus (each transaction takes the bus's lock) and on a session
/// (which holds it). Write a driver against this class and it runs on either.
///
/// On the wire every call is one transaction: START, messages joined by repeated START, STOP. The target
/// acknowledges its address and each byte written, the controller each byte read but the last of a message
/// (NACK). An error ends the transaction with STOP; what was sent before it was sent. No acknowledge of the
/// address or of a byte is an error (`i2c_errc::no_acknowledge`, or io_error on bit-banged adapters).
///
/// Each call exists twice: throwing `std::system_error` with a sentence that names bus, address and what to
/// do, and storing the error without throwing. That one returns 0 after an error, and allocates nothing
/// except where an adapter comes back that was removed. Lengths: 1 to 8192 bytes a message, 1 to 42 messages
/// (`I2C_RDWR` in the kernel's i2c-dev). Thread-safe on a bus; one thread at a time on a session.
class RESOURCELOCK_EXPORT i2c_transactions {
public:
    i2c_transactions(const i2c_transactions&) = delete;
    i2c_transactions& operator=(const i2c_transactions&) = delete;

    /// START, address + W, bytes, STOP.
    ///
    /// Adapters that speak nothing but SMBus do this, read() and write_read() as the SMBus call with the same
    /// bits on the wires. What has none there (more than 33 bytes written or 32 read, several bytes read
    /// without a command) is `i2c_errc::not_supported`.
    void write(i2c_address address, std::span<const std::uint8_t> bytes);
    /// \overload
    void write(i2c_address address, std::span<const std::uint8_t> bytes, std::error_code& error) noexcept;
    /// \overload
    void write(i2c_address address, std::initializer_list<std::uint8_t> bytes);
    /// \overload
    void write(i2c_address address, std::initializer_list<std::uint8_t> bytes,
               std::error_code& error) noexcept;

    /// START, address + R, as many bytes as `into` has, STOP.
    void read(i2c_address address, std::span<std::uint8_t> into);
    /// \overload
    void read(i2c_address address, std::span<std::uint8_t> into, std::error_code& error) noexcept;

    /// START, address + W, bytes, repeated START, address + R, as many bytes as `into` has, STOP.
    void write_read(i2c_address address, std::span<const std::uint8_t> bytes, std::span<std::uint8_t> into);
    /// \overload
    void write_read(i2c_address address, std::span<const std::uint8_t> bytes, std::span<std::uint8_t> into,
                    std::error_code& error) noexcept;
    /// \overload
    void write_read(i2c_address address, std::initializer_list<std::uint8_t> bytes,
                    std::span<std::uint8_t> into);
    /// \overload
    void write_read(i2c_address address, std::initializer_list<std::uint8_t> bytes,
                    std::span<std::uint8_t> into, std::error_code& error) noexcept;

    /// All messages in one transaction: START, the first message, repeated START, the second, ..., STOP; also
    /// to several addresses. The Raspberry Pi 0 to 4 (i2c-bcm2835) only reads in the last message: others are
    /// `i2c_errc::not_supported` there.
    void transfer(std::span<const i2c_message> messages);
    /// \overload
    void transfer(std::span<const i2c_message> messages, std::error_code& error) noexcept;
    /// \overload
    void transfer(std::initializer_list<i2c_message> messages);
    /// \overload
    void transfer(std::initializer_list<i2c_message> messages, std::error_code& error) noexcept;

    /// As transfer(), for devices that do not mind a STOP between messages: where the adapter refuses them
    /// together, each goes out up to and including the next message that reads, with STOP behind it. The bus
    /// is held over all of them.
    void transfer_in_parts(std::span<const i2c_message> messages);
    /// \overload
    void transfer_in_parts(std::span<const i2c_message> messages, std::error_code& error) noexcept;
    /// \overload
    void transfer_in_parts(std::initializer_list<i2c_message> messages);
    /// \overload
    void transfer_in_parts(std::initializer_list<i2c_message> messages, std::error_code& error) noexcept;

    /// \name SMBus calls
    /// System Management Bus specification 3.1, section 6.5. Words travel low byte first. S is START, Sr a
    /// repeated one, P STOP; "A + W" the address with the direction bit.
    ///@{

    /// S, A + the bit, P: the address is all there is. Also switches some devices on and off.
    void write_quick(i2c_address address, bool bit = false);
    /// \overload
    void write_quick(i2c_address address, bool bit, std::error_code& error) noexcept;

    /// S, A + R, byte, P: of devices that have one register, or remember which was last.
    [[nodiscard]] std::uint8_t read_byte(i2c_address address);
    /// \overload
    [[nodiscard]] std::uint8_t read_byte(i2c_address address, std::error_code& error) noexcept;
    /// S, A + W, byte, P.
    void write_byte(i2c_address address, std::uint8_t value);
    /// \overload
    void write_byte(i2c_address address, std::uint8_t value, std::error_code& error) noexcept;

    /// S, A + W, command, Sr, A + R, byte, P.
    [[nodiscard]] std::uint8_t read_byte_data(i2c_address address, std::uint8_t command);
    /// \overload
    [[nodiscard]] std::uint8_t read_byte_data(i2c_address address, std::uint8_t command,
                                              std::error_code& error) noexcept;
    /// S, A + W, command, byte, P.
    void write_byte_data(i2c_address address, std::uint8_t command, std::uint8_t value);
    /// \overload
    void write_byte_data(i2c_address address, std::uint8_t command, std::uint8_t value,
                         std::error_code& error) noexcept;

    /// S, A + W, command, Sr, A + R, low byte, high byte, P.
    [[nodiscard]] std::uint16_t read_word_data(i2c_address address, std::uint8_t command);
    /// \overload
    [[nodiscard]] std::uint16_t read_word_data(i2c_address address, std::uint8_t command,
                                               std::error_code& error) noexcept;
    /// S, A + W, command, low byte, high byte, P.
    void write_word_data(i2c_address address, std::uint8_t command, std::uint16_t value);
    /// \overload
    void write_word_data(i2c_address address, std::uint8_t command, std::uint16_t value,
                         std::error_code& error) noexcept;

    /// S, A + W, command, 2 bytes, Sr, A + R, 2 bytes, P. Returns the answer.
    [[nodiscard]] std::uint16_t process_call(i2c_address address, std::uint8_t command, std::uint16_t value);
    /// \overload
    [[nodiscard]] std::uint16_t process_call(i2c_address address, std::uint8_t command, std::uint16_t value,
                                             std::error_code& error) noexcept;

    /// S, A + W, command, Sr, A + R, number, bytes, P: the device says how many it sends (1 to 32, others are
    /// `i2c_errc::bad_protocol`). Returns that number. `into` needs room for 32.
    [[nodiscard]] std::size_t read_block_data(i2c_address address, std::uint8_t command,
                                              std::span<std::uint8_t> into);
    /// \overload
    [[nodiscard]] std::size_t read_block_data(i2c_address address, std::uint8_t command,
                                              std::span<std::uint8_t> into, std::error_code& error) noexcept;
    /// S, A + W, command, number, 1 to 32 bytes, P.
    void write_block_data(i2c_address address, std::uint8_t command, std::span<const std::uint8_t> bytes);
    /// \overload
    void write_block_data(i2c_address address, std::uint8_t command, std::span<const std::uint8_t> bytes,
                          std::error_code& error) noexcept;

    /// As read_block_data, but the caller says how many bytes (1 to 32: the size of `into`), and their number
    /// is not on the wire: S, A + W, command, Sr, A + R, bytes, P. Most devices with registers understand it.
    void read_i2c_block_data(i2c_address address, std::uint8_t command, std::span<std::uint8_t> into);
    /// \overload
    void read_i2c_block_data(i2c_address address, std::uint8_t command, std::span<std::uint8_t> into,
                             std::error_code& error) noexcept;
    /// S, A + W, command, 1 to 32 bytes, P.
    void write_i2c_block_data(i2c_address address, std::uint8_t command, std::span<const std::uint8_t> bytes);
    /// \overload
    void write_i2c_block_data(i2c_address address, std::uint8_t command, std::span<const std::uint8_t> bytes,
                              std::error_code& error) noexcept;

    /// A block written and one read in one transaction: S, A + W, command, number, bytes, Sr, A + R, number,
    /// bytes, P. Returns the number of bytes read; `into` needs room for 32.
    [[nodiscard]] std::size_t block_process_call(i2c_address address, std::uint8_t command,
                                                 std::span<const std::uint8_t> bytes,
                                                 std::span<std::uint8_t> into);
    /// \overload
    [[nodiscard]] std::size_t block_process_call(i2c_address address, std::uint8_t command,
                                                 std::span<const std::uint8_t> bytes,
                                                 std::span<std::uint8_t> into,
                                                 std::error_code& error) noexcept;
    ///@}

protected:
    /// \cond
    i2c_transactions() = default;
    ~i2c_transactions() = default;

    /// Throws what `explain` says about an error.
    void throw_if(std::error_code error, std::optional<i2c_address> address) const;
    /// \endcond

private:
    /// One transaction, or several where they may be split; the arguments have passed the checks that need no
    /// adapter.
    virtual std::error_code do_transfer(std::span<const i2c_message> messages,
                                        splitting allowed) noexcept = 0;
    /// One SMBus call, likewise; returns the number of bytes of a block read in `block_size`.
    virtual std::error_code do_smbus(const smbus_call& call, std::size_t& block_size) noexcept = 0;
    /// The sentence about a failure, for people: bus, address, reason, what to do. No address: there was
    /// none, or several.
    [[nodiscard]] virtual std::string explain(std::error_code error,
                                              std::optional<i2c_address> address) const = 0;

    std::error_code checked_transfer(std::span<const i2c_message> messages,
                                     splitting allowed = splitting::never) noexcept;
    std::error_code checked_smbus(const smbus_call& call, std::size_t& block_size) noexcept;
};

} // namespace resourcelock
