#pragma once

#include <resourcelock/i2c_bus.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace resourcelock {

/// A bus that plays a script: for tests of programs that talk to devices. It expects the transactions of the
/// script in their order, answers as the script says, and reports the first difference. Give it to the code
/// under test where that takes an `i2c_bus&` or an `i2c_transactions&`.
///
///     playback_bus bus{R"(
///         session {                  # these must come within one session
///             w 0x44 24 00           # SHT31: measure
///             r 0x44 be ef 92 80 00 a2
///         }
///         w 0x76 d0 ; r 0x76 60      # a combined transaction, with a repeated start
///         w 0x50 00 xx ! EREMOTEIO   # fails with this errno, whatever the second byte is
///     )"};
///     measure(bus);
///     EXPECT_EQ(bus.report(), "");
///
/// A line is a transaction: its messages, with ';' between them. A message is `w` or `r`, the address (with
/// /10 behind it for a 10-bit one, and its flags in four digits, such as /1000), and its bytes in
/// hexadecimal: sent, or the device's answer. "xx" is any byte in what is sent, and 0xff in an answer. Behind
/// '!' stands the errno that the transaction ends with, by name or number. What follows '#' is a comment.
/// SMBus calls stand there as their messages; `bus.read_byte_data(0x76, 0xd0)` is the third transaction
/// above. `rb` is an `r` whose first byte tells how many follow (a block read).
///
/// No other program is kept out: there is no lock. The adapter can do everything; packet error codes are left
/// out of scripts. Nothing is tried again unless `options.retry` says so. Thread-safe; its calls allocate.
class RESOURCELOCK_EXPORT playback_bus final : public i2c_bus {
public:
    /// Throws `std::system_error`, `i2c_errc::bad_argument`, with the line that is wrong.
    explicit playback_bus(std::string_view script, const bus_options& options = {.retry = i2c_retry::none()});
    ~playback_bus() override;

    /// "" when the program did what the script says, all of it and nothing else. Otherwise one line: the
    /// first difference, or what is left over. After a difference every transaction fails with
    /// `i2c_errc::not_as_scripted`.
    [[nodiscard]] std::string report() const;

private:
    class player;
    playback_bus(std::unique_ptr<player> its_player, const bus_options& options);
    playback_bus(const player& its_player, std::unique_ptr<adapter> device, const bus_options& options);

    const player& player_;
};

} // namespace resourcelock
