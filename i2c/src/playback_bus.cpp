#include <resourcelock/playback_bus.hpp>

#include "adapter.hpp"
#include "bus_name.hpp"
#include "checks.hpp"
#include "script.hpp"
#include "smbus_messages.hpp"

#include <cerrno>
#include <mutex>
#include <vector>

namespace resourcelock {

/// Plays the script. Called with the bus held, but asked for its report at any time.
class playback_bus::player final : public adapter {
public:
    explicit player(std::string_view text) : steps_{script::parse(text)} {}

    [[nodiscard]] adapter_limits limits() const noexcept override
    {
        return {.functionality = 0xffffffff}; // whatever was recorded can be played
    }

    std::error_code transfer(std::span<const i2c_message> messages) noexcept override
    {
        const std::scoped_lock guard{mutex_};
        if (difference_.empty())
            difference_ = difference_of(messages);
        if (!difference_.empty())
            return make_error_code(i2c_errc::not_as_scripted);
        const auto& step = steps_[next_++];
        if (step.error != 0)
            return {step.error, std::system_category()};
        script::answer(step, messages);
        return told_lengths_exist(messages) ? std::error_code{}
                                            : std::error_code{EPROTO, std::system_category()};
    }

    std::error_code smbus(const smbus_call& call, std::size_t& block_size) noexcept override
    {
        const smbus_messages on_wire{call};
        if (const auto error = transfer(on_wire.messages()))
            return error;
        return on_wire.take_answer(block_size);
    }

    void hold_began() noexcept override { ++hold_; }

    [[nodiscard]] std::string report() const
    {
        const std::scoped_lock guard{mutex_};
        if (!difference_.empty() || next_ == steps_.size())
            return difference_;
        return "not done: " + std::to_string(steps_.size() - next_) + " of " + std::to_string(steps_.size()) +
               " transactions, from " + shown(steps_[next_]) + " on";
    }

private:
    static std::string shown(const script::step& step)
    {
        return "'" + script::join(step.transaction) + "' (line " + std::to_string(step.line) + ")";
    }

    std::string difference_of(std::span<const i2c_message> messages)
    {
        const auto requested = script::request(messages);
        const auto got = "'" + script::join(requested) + "'";
        if (next_ == steps_.size())
            return "the script is at its end, but got " + got;
        const auto& expected = steps_[next_];
        if (!script::fits(expected, requested))
            return "expected " + shown(expected) + ", got " + got;
        const bool begins = next_ == 0 || steps_[next_ - 1].session != expected.session;
        if (begins)
            hold_of_session_ = hold_;
        if (expected.session != 0 && hold_of_session_ != hold_)
            return shown(expected) + " was not in the session that began in line " +
                   std::to_string(expected.session);
        return "";
    }

    std::vector<script::step> steps_;
    mutable std::mutex mutex_;
    std::size_t next_ = 0;
    std::string difference_;
    unsigned hold_ = 0;
    unsigned hold_of_session_ = 0;
};

namespace {

bus_identity named_playback()
{
    bus_identity identity;
    identity.name = identity.adapter_name = "playback";
    return identity;
}

} // namespace

playback_bus::playback_bus(std::string_view script, const bus_options& options)
    : playback_bus{std::make_unique<player>(script), options}
{}

playback_bus::playback_bus(std::unique_ptr<player> its_player, const bus_options& options)
    : playback_bus{*its_player, std::move(its_player), options}
{}

playback_bus::playback_bus(const player& its_player, std::unique_ptr<adapter> device,
                           const bus_options& options)
    : i2c_bus{std::move(device), named_playback(), options}, player_{its_player}
{}

playback_bus::~playback_bus() = default;

std::string playback_bus::report() const { return player_.report(); }

} // namespace resourcelock
