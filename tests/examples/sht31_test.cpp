// Sensirion's formulas (section 4.13) in double precision; tolerance 0.005, half of what is printed.
#include "sht31.cpp"

#include "outcome.hpp"
#include "sim_name.hpp"

#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

namespace {

answer with_checksums(std::uint16_t temperature, std::uint16_t humidity)
{
    answer bytes{
        static_cast<std::uint8_t>(temperature >> 8), static_cast<std::uint8_t>(temperature & 0xff), 0,
        static_cast<std::uint8_t>(humidity >> 8),    static_cast<std::uint8_t>(humidity & 0xff),    0};
    bytes[2] = crc8(std::span{bytes}.first(2));
    bytes[5] = crc8(std::span{bytes}.subspan(3, 2));
    return bytes;
}

} // namespace

TEST(sht31, has_the_checksum_of_the_datasheet)
{
    EXPECT_EQ(crc8(std::array<std::uint8_t, 2>{0xbe, 0xef}), 0x92); // section 4.12
}

TEST(sht31, converts_the_ends_and_the_middle_of_the_scales)
{
    const auto lowest = convert(with_checksums(0, 0));
    EXPECT_NEAR(lowest.celsius, -45, 0.005);
    EXPECT_NEAR(lowest.relative_humidity, 0, 0.005);
    const auto highest = convert(with_checksums(0xffff, 0xffff));
    EXPECT_NEAR(highest.celsius, 130, 0.005);
    EXPECT_NEAR(highest.relative_humidity, 100, 0.005);
    const auto middle = convert(with_checksums(0x6666, 0x8000));
    EXPECT_NEAR(middle.celsius, 25, 0.005);
    EXPECT_NEAR(middle.relative_humidity, 50, 0.005);
}

TEST(sht31, refuses_a_corrupt_answer)
{
    for (std::size_t byte = 0; byte < 6; ++byte) {
        auto bytes = with_checksums(0x6666, 0x8000);
        bytes.at(byte) ^= 0x10;
        EXPECT_THROW(convert(bytes), std::runtime_error) << byte;
    }
}

TEST(sht31, measures_in_one_session)
{
    resourcelock::playback_bus bus{"session {\n w 0x44 24 00\n r 0x44 be ef 92 be ef 92\n }"};
    EXPECT_NEAR(convert(ask_sensor(bus)).celsius, 85.523, 0.005); // -45 + 175 * 0xbeef / 65535
    EXPECT_EQ(bus.report(), "");
}

TEST(sht31, measures_on_a_simulated_bus)
{
    const test::sim_name sim;
    EXPECT_EQ(test::run({SHT31, "--bus", sim.bus()}), (test::outcome{"25.00 C, 50.00 %RH\n", 0}));
}
