#pragma once

#include <resourcelock/i2c_transactions.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <map>
#include <string>

/// One of the two programs that read an ADS1115: each its own input, as fast as it can.

constexpr std::array<int, 2> inputs{0, 1}; // AIN0 for the first program, AIN1 for the second
constexpr double volts_per_bit = 4.096 / 32768;
constexpr long enough_readings = 100; // of each program; a busy machine gets more time for them

/// One reading. Works alone, and on a bus that is held by a session.
int read_input(resourcelock::i2c_transactions& bus, int input);

/// What a program read, and how often.
struct report {
    std::map<int, long> readings;
    long errors = 0;
    std::string first_error;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(report, readings, errors, first_error)

/// What is to be done, by one program or by both.
struct task {
    std::string bus;
    std::chrono::duration<double> duration{2};
    std::string logs; // a folder; empty: no logs
};

/// Says "ready", reads when the standard input has ended, and prints a report.
void be_one_program(const task& asked, int input, bool in_sessions);
