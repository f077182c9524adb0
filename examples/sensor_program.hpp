#pragma once

#include "device_program.hpp"

#include <resourcelock/i2c_bus.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A reading for programs, name by name.
using reading_fields =
    std::vector<std::pair<std::string, std::variant<bool, double, std::string, std::vector<double>>>>;

/// A program that takes readings, once or again and again, and prints a line for each.
struct reading_program {
    const char* name;
    const char* about;
    const char* device;
    std::function<void(resourcelock::i2c_bus& bus)> take;
    std::function<void()> print;
    std::function<reading_fields()> fields;
    std::function<void(CLI::App& app)> add_options;

    /// Reads the command line and takes readings. Returns the exit code.
    [[nodiscard]] int run(int argc, char** argv) const;
};

/// The same for what a sensor measures.
template <class Reading>
struct sensor_program {
    const char* name;
    const char* about;
    const char* device;
    std::function<Reading(resourcelock::i2c_bus& bus)> measure;
    std::function<void(const Reading& reading)> print;
    std::function<reading_fields(const Reading& reading)> fields;
    std::function<void(CLI::App& app)> add_options = [](CLI::App&) {};

    /// Reads the command line and measures. Returns the exit code.
    [[nodiscard]] int run(int argc, char** argv) const
    {
        std::optional<Reading> now;
        const reading_program program{.name = name,
                                      .about = about,
                                      .device = device,
                                      .take = [&](resourcelock::i2c_bus& bus) { now = measure(bus); },
                                      .print = [&] { print(*now); },
                                      .fields = [&] { return fields(*now); },
                                      .add_options = add_options};
        return program.run(argc, argv);
    }
};
