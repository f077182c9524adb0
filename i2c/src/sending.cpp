#include "sending.hpp"

#include "checks.hpp"
#include "smbus_equivalent.hpp"

#include <algorithm>

#include <linux/i2c.h>

namespace resourcelock {

namespace {

std::error_code send_together(adapter& device, std::span<const i2c_message> messages) noexcept
{
    const auto functionality = device.limits().functionality;
    if ((functionality & I2C_FUNC_I2C) != 0)
        return device.transfer(messages);
    smbus_buffer buffer{};
    const auto call = smbus_equivalent(messages, functionality, buffer);
    if (!call)
        return make_error_code(i2c_errc::not_supported);
    std::size_t unused = 0;
    const auto error = device.smbus(*call, unused);
    if (!error && messages.back().is_read())
        std::ranges::copy(call->data, messages.back().into().begin());
    return error;
}

} // namespace

std::error_code send(adapter& device, std::span<const i2c_message>& rest, splitting allowed) noexcept
{
    if (allowed == splitting::never)
        return send_together(device, rest);
    auto error = check_limits(rest, device.limits());
    if (!error)
        error = send_together(device, rest); // an adapter that refuses does so before it sends anything
    if (error != i2c_errc::not_supported && error != i2c_errc::too_long)
        return error;
    while (!rest.empty()) {
        const auto part = first_part(rest);
        if (const auto failed = send_together(device, part))
            return failed;
        rest = rest.subspan(part.size());
    }
    return {};
}

} // namespace resourcelock
