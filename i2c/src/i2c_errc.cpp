#include <resourcelock/i2c_errc.hpp>

#include <resourcelock/lock_errc.hpp>

#include <cerrno>
#include <string>

namespace resourcelock {

namespace {

/// What an errno of a transfer means; 0 for those that mean nothing special on a bus.
int meaning_of(int error) noexcept
{
    const auto meaning = [](i2c_errc found) { return static_cast<int>(found); };
    switch (error) {
    case ENXIO:
    case EREMOTEIO:
        return meaning(i2c_errc::no_acknowledge);
    case EAGAIN:
        return meaning(i2c_errc::arbitration_lost);
    case ETIMEDOUT:
        return meaning(i2c_errc::timed_out);
    case EBUSY:
        return meaning(i2c_errc::bus_busy);
    case EOPNOTSUPP:
        return meaning(i2c_errc::not_supported);
    case EBADMSG:
        return meaning(i2c_errc::corrupt);
    case EPROTO:
        return meaning(i2c_errc::bad_protocol);
    case EIO:
        return meaning(i2c_errc::io_error);
    case ENODEV:
        return meaning(i2c_errc::bus_gone);
    default:
        return 0;
    }
}

class bus_errors final : public std::error_category {
public:
    // Written out: g++ 14 makes no constant by a default one of a class whose destructor is none.
    constexpr bus_errors() noexcept {} // NOLINT(modernize-use-equals-default)
    [[nodiscard]] const char* name() const noexcept override { return "resourcelock i2c"; }

    [[nodiscard]] std::string message(int value) const override
    {
        switch (static_cast<i2c_errc>(value)) {
        case i2c_errc::no_acknowledge:
            return "not acknowledged";
        case i2c_errc::arbitration_lost:
            return "arbitration lost";
        case i2c_errc::timed_out:
            return "transfer timed out";
        case i2c_errc::bus_busy:
            return "bus busy";
        case i2c_errc::address_in_use:
            return "address in use by a kernel driver";
        case i2c_errc::not_supported:
            return "not supported by the adapter";
        case i2c_errc::corrupt:
            return "checksum mismatch";
        case i2c_errc::bad_protocol:
            return "protocol violated by the device";
        case i2c_errc::io_error:
            return "I/O error";
        case i2c_errc::bus_gone:
            return "bus gone";
        case i2c_errc::bad_bus:
            return "no such bus can exist";
        case i2c_errc::bad_address:
            return "invalid address";
        case i2c_errc::bad_length:
            return "invalid length";
        case i2c_errc::too_long:
            return "too long for the adapter's timeout";
        case i2c_errc::bad_argument:
            return "invalid argument";
        case i2c_errc::not_as_scripted:
            return "not the transaction that the script expects";
        case i2c_errc::lock_timeout:
            return "timed out waiting for the bus's lock";
        case i2c_errc::hold_lost:
            return "the session does not hold the bus";
        }
        return "unknown error " + std::to_string(value);
    }

    [[nodiscard]] bool equivalent(const std::error_code& code, int condition) const noexcept override
    {
        if (code.category() == *this)
            return code.value() == condition;
        if (code == lock_errc::lock_lost)
            return condition == static_cast<int>(i2c_errc::hold_lost);
        if (code.category() == i2c_address_category() && code.value() == EBUSY)
            return condition == static_cast<int>(i2c_errc::address_in_use);
        const bool is_errno = code.category() == std::system_category() ||
                              code.category() == std::generic_category() ||
                              code.category() == i2c_address_category();
        return is_errno && meaning_of(code.value()) == condition;
    }
};

class address_errors final : public std::error_category {
public:
    constexpr address_errors() noexcept {} // NOLINT(modernize-use-equals-default)
    [[nodiscard]] const char* name() const noexcept override { return "resourcelock i2c address"; }
    [[nodiscard]] std::string message(int value) const override
    {
        return std::system_category().message(value);
    }
    [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override
    {
        return {value, std::generic_category()};
    }
};

// Not within the functions: fork() while another thread makes them there would leave a child that waits for
// ever.
constinit const bus_errors the_bus_errors{};
constinit const address_errors the_address_errors{};

} // namespace

const std::error_category& i2c_category() noexcept { return the_bus_errors; }

const std::error_category& i2c_address_category() noexcept { return the_address_errors; }

} // namespace resourcelock
