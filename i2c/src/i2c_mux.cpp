#include <resourcelock/i2c_mux.hpp>

#include <exception>
#include <string>

namespace resourcelock {

namespace {

/// A channel that stays connected may put two devices with one address on the wires: worth some attempts.
std::error_code connect(i2c_session& session, i2c_address address, std::uint8_t channels) noexcept
{
    i2c_attempts attempts{i2c_retry::arbitration_lost()};
    std::error_code error;
    do
        session.write_byte(address, channels, error);
    while (attempts.again(error));
    return error;
}

} // namespace

void i2c_mux::run(int channel, const std::function<void(i2c_session&)>& work, const session_options& options)
{
    if (channel < 0 || channel > 7)
        throw std::system_error{make_error_code(i2c_errc::bad_argument),
                                "a multiplexer has channels 0 to 7, not " + std::to_string(channel)};
    bus_.in_session(options, [&](i2c_session& session) {
        const auto before = session.read_byte(address_);
        std::exception_ptr failure;
        try {
            session.write_byte(address_, static_cast<std::uint8_t>(1U << channel));
            work(session);
        } catch (...) {
            failure = std::current_exception();
        }
        const auto not_restored = connect(session, address_, before);
        if (failure)
            std::rethrow_exception(failure);
        if (not_restored)
            throw std::system_error{not_restored, bus_.name() + ": channel " + std::to_string(channel) +
                                                      " of the multiplexer is still connected"};
    });
}

} // namespace resourcelock
