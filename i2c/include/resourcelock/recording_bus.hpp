#pragma once

#include <resourcelock/i2c_bus.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace resourcelock {

/// A bus that writes down what happens on it, as a script for `playback_bus`: run a program once with the
/// real devices, and its tests need them no more. Otherwise as `i2c_bus`, with the bus's lock.
///
/// Written down are the transactions of this object, with answers and errors; several in one hold of the bus
/// as a session. Refused calls (bad arguments, no lock) are not transactions. Thread-safe; its calls
/// allocate.
class RESOURCELOCK_EXPORT recording_bus final : public i2c_bus {
public:
    /// Throws what `i2c_bus` throws.
    explicit recording_bus(std::string_view bus, const bus_options& options = {});
    ~recording_bus() override;

    /// Everything so far.
    [[nodiscard]] std::string script() const;

private:
    class recorder;
    class notes;
    recording_bus(std::string_view bus, const bus_options& options, std::shared_ptr<notes> its_notes);

    std::shared_ptr<notes> notes_;
};

} // namespace resourcelock
