#pragma once

#include <resourcelock/i2c_message.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Transactions as lines of text, what recording_bus writes and playback_bus expects. The grammar is in
/// playback_bus.hpp.
namespace resourcelock::script {

using words = std::vector<std::string>;

/// One transaction of a script.
struct step {
    std::size_t line;        ///< where it stands, from 1 on
    words transaction;       ///< without its error
    int error = 0;           ///< the errno it ends with
    std::size_t session = 0; ///< line where its session begins; 0: in none
};

/// Throws `std::system_error`, `i2c_errc::bad_argument`, with the line and what is wrong there.
std::vector<step> parse(std::string_view text);

/// What a transaction sends, and "xx" for each byte that it reads; none for a block whose length the device
/// tells.
words request(std::span<const i2c_message> messages);

/// The same with the bytes that were read.
words request_and_answer(std::span<const i2c_message> messages);

/// Whether the transaction sends what the step says, and reads as much.
bool fits(const step& expected, const words& requested);

/// Stores the bytes that a step answers with.
void answer(const step& given, std::span<const i2c_message> messages);

/// With a space between two.
std::string join(const words& parts);

/// "EREMOTEIO"
std::string name_of_errno(int error);

} // namespace resourcelock::script
