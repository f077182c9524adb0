#include <resourcelock/recording_bus.hpp>

#include "adapter.hpp"
#include "script.hpp"
#include "smbus_block.hpp"
#include "smbus_messages.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <vector>

namespace resourcelock {

/// What was written down, by the recorder on the bus for the bus object.
class recording_bus::notes {
public:
    void begin()
    {
        const std::scoped_lock guard{mutex_};
        text_ += shown_hold();
        hold_.clear();
    }

    void add(std::span<const i2c_message> messages, std::error_code error)
    {
        if (error == i2c_errc::address_in_use)
            return; // nothing was sent
        auto line = script::join(error ? script::request(messages) : script::request_and_answer(messages));
        if (error)
            line += " ! " + script::name_of_errno(error == i2c_errc::bus_gone ? ENODEV : error.value());
        const std::scoped_lock guard{mutex_};
        hold_.push_back(std::move(line));
    }

    [[nodiscard]] std::string text() const
    {
        const std::scoped_lock guard{mutex_};
        return text_ + shown_hold();
    }

private:
    [[nodiscard]] std::string shown_hold() const
    {
        const bool session = hold_.size() > 1;
        std::string text = session ? "session {\n" : "";
        for (const auto& line : hold_)
            text += (session ? "    " : "") + line + "\n";
        return text + (session ? "}\n" : "");
    }

    mutable std::mutex mutex_;
    std::vector<std::string> hold_; // lines of the latest hold
    std::string text_;              // of those before
};

class recording_bus::recorder final : public adapter {
public:
    recorder(std::unique_ptr<adapter> device, std::shared_ptr<notes> its_notes)
        : device_{std::move(device)}, notes_{std::move(its_notes)}
    {}

    [[nodiscard]] adapter_limits limits() const noexcept override { return device_->limits(); }
    [[nodiscard]] bool is_owned(i2c_address address) const noexcept override
    {
        return device_->is_owned(address);
    }

    std::error_code transfer(std::span<const i2c_message> messages) noexcept override
    {
        const auto error = device_->transfer(messages);
        notes_->add(messages, error);
        return error;
    }

    std::error_code smbus(const smbus_call& call, std::size_t& block_size) noexcept override
    {
        // A call's data is replaced by the answer.
        std::array<std::uint8_t, longest_block> data{};
        std::ranges::copy(call.data, data.begin());
        auto asked = call;
        asked.data = std::span{data}.first(call.data.size());
        smbus_messages on_wire{asked};
        const auto error = device_->smbus(call, block_size);
        if (!error)
            on_wire.show_answer(call, block_size);
        notes_->add(on_wire.messages(), error);
        return error;
    }

    void hold_began() noexcept override
    {
        device_->hold_began();
        notes_->begin();
    }

private:
    std::unique_ptr<adapter> device_;
    std::shared_ptr<notes> notes_;
};

recording_bus::recording_bus(std::string_view bus, const bus_options& options)
    : recording_bus{bus, options, std::make_shared<notes>()}
{}

recording_bus::recording_bus(std::string_view bus, const bus_options& options,
                             std::shared_ptr<notes> its_notes)
    : i2c_bus{bus, options,
              [&its_notes](std::unique_ptr<adapter> device) {
                  return std::make_unique<recorder>(std::move(device), its_notes);
              }},
      notes_{std::move(its_notes)}
{}

recording_bus::~recording_bus() = default;

std::string recording_bus::script() const { return notes_->text(); }

} // namespace resourcelock
