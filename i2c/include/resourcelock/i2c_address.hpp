#pragma once

namespace resourcelock {

/// The address of a target on an I2C bus. 7-bit by default: `bus.read(0x48, into)`.
///
/// Making one never fails; a transaction with an address that is not `valid()` is refused with
/// `i2c_errc::bad_address` before anything is sent. The reserved 7-bit addresses (0x00 to 0x07 and 0x78 to
/// 0x7f, I2C-bus specification UM10204 section 3.1.12) are refused too unless asked for with `reserved()`.
class i2c_address {
public:
    /// A 7-bit address, without the direction bit; implicit, so that numbers are addresses.
    constexpr i2c_address(int address) noexcept : i2c_address{address, 0x08, 0x77, false} {}

    /// Any 7-bit address, also a reserved one.
    static constexpr i2c_address reserved(int address) noexcept { return {address, 0x00, 0x7f, false}; }

    /// The same address of a device that ends SMBus calls with a packet error code (PEC): it is sent and
    /// checked (`i2c_errc::corrupt`) with every call but write_quick and the i2c blocks. Other transactions
    /// are as without.
    [[nodiscard]] constexpr i2c_address with_pec() const noexcept
    {
        auto address = *this;
        address.with_pec_ = true;
        return address;
    }

    /// A 10-bit address; needs an adapter that can (I2C_FUNC_10BIT_ADDR), which the Raspberry Pi's cannot.
    static constexpr i2c_address ten_bit(int address) noexcept { return {address, 0x000, 0x3ff, true}; }

    /// Whether transactions take it.
    [[nodiscard]] constexpr bool valid() const noexcept { return valid_; }
    /// Whether ten_bit() made it.
    [[nodiscard]] constexpr bool is_ten_bit() const noexcept { return ten_bit_; }
    /// Whether with_pec() made it.
    [[nodiscard]] constexpr bool has_pec() const noexcept { return with_pec_; }
    /// The number as it was given.
    [[nodiscard]] constexpr int value() const noexcept { return address_; }

    /// The same number, of the same kind, both with PEC or both without.
    friend constexpr bool operator==(const i2c_address&, const i2c_address&) = default;

private:
    constexpr i2c_address(int address, int lowest, int highest, bool ten_bit) noexcept
        : address_{address}, valid_{lowest <= address && address <= highest}, ten_bit_{ten_bit}
    {}

    int address_;
    bool valid_;
    bool ten_bit_;
    bool with_pec_ = false;
};

} // namespace resourcelock
