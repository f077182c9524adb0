#pragma once

#include <resourcelock/i2c_transactions.hpp>

#include <string>

/// Finds out whether the bus's lines carry signals, with a transaction that disturbs nobody: one byte read at
/// the address 0x7f, which UM10204 section 3.1.12 reserves. On the wires that is START, nine clocks with SDA
/// left alone, STOP; what a device needs that was interrupted in the middle of a byte.
///
/// A bus in order answers "not acknowledged" within a millisecond. With a line stuck low, the adapters
/// differ: i2c-bcm2835 times out after a second; i2c-gpio says ENXIO after waiting 100 ms for SCL some times,
/// and with SDA low it sees every address acknowledged; others lose the arbitration, or find the bus busy.
///
/// Some adapters time out where nobody is, too. So before lines count as stuck, the places where devices
/// usually are get a write without data (as from i2cdetect), until one answers.
namespace resourcelock::cli {

enum class line_state { answer, look_stuck, cannot_be_told };

struct line_report {
    line_state state;
    std::string seen; ///< what was seen on the wires; a subordinate clause
};

/// With the bus's lock held by the caller.
line_report probe_lines(i2c_transactions& bus);

/// "in order: ...", "look stuck: ..." or "not probed: ..."; for people.
std::string words_for(const line_report& report);

/// What people can do about lines that are stuck.
constexpr auto mending_by_hand =
    "switch the devices on the bus off and on; look for short circuits and missing pull-up resistors";

} // namespace resourcelock::cli
