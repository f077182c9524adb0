#include <resourcelock/i2c_mux.hpp>

#include <exception>
#include <string>

namespace resourcelock {

namespace {

/// Worth some attempts whatever the policy: a channel that stays connected may put two devices with one
/// address on the wires.
std::error_code switch_back(i2c_session& session, i2c_address address, std::uint8_t channels) noexcept
{
    i2c_attempts attempts{i2c_retry::idempotent_reads()};
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
    const auto hold = bus_.session(options);
    const auto retry = bus_.if_outermost(options.retry);
    auto inner = bus_.session(); // its yield() gives nothing away while our channel is connected
    std::uint8_t before = 0;
    inner.repeat(retry, [&](i2c_session& session) { before = session.read_byte(address_); });

    std::exception_ptr failure;
    try {
        inner.repeat(retry, [&](i2c_session& session) {
            session.write_byte(address_, static_cast<std::uint8_t>(1U << channel));
            work(session);
        });
    } catch (...) {
        failure = std::current_exception();
    }
    const auto error = switch_back(inner, address_, before);
    if (error)
        throw std::system_error{error, bus_.name() + ": channel " + std::to_string(channel) +
                                           " of the multiplexer is still connected" +
                                           (failure ? ", and the work failed before" : "")};
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace resourcelock
