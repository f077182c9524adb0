// The formulas are Bosch's in double precision (BME280 datasheet, section 8.1). Published values that come
// from those in whole numbers (section 4.2.3) differ in the temperature by up to 0.002 degrees C, which makes
// 0.3 Pa.
#include "bme280.cpp"

#include "outcome.hpp"
#include "sim_name.hpp"

#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

namespace {

// BMP280 datasheet, section 3.12 "Calculating pressure and temperature", its example.
constexpr auto example_of_bmp280 = R"(
    session {
        w 0x76 d0 ; r 0x76 58
        w 0x76 88 ; r 0x76 70 6b 43 67 18 fc 7d 8e 43 d6 d0 0b 27 0b 8c 00 f9 ff 8c 3c f8 c6 70 17 00 00
        w 0x76 f5 00
        w 0x76 f4 25
        w 0x76 f3 ; r 0x76 00 24
        w 0x76 f7 ; r 0x76 65 5a c0 7e ed 00
    })";

// Recorded from a BME280.
constexpr auto recording_of_bme280 = R"(
    session {
        w 0x77 d0 ; r 0x77 60
        w 0x77 88 ; r 0x77 10 6e 6c 66 32 00 5d 95 b8 d5 d0 0b 77 1e 9d ff f9 ff ac 26 0a d8 bd 10 00 4b
        w 0x77 e1 ; r 0x77 6e 01 00 13 05 00 1e
        w 0x77 f5 00
        w 0x77 f2 01
        w 0x77 f4 25
        w 0x77 f3 ; r 0x77 08 25      # still measuring
        w 0x77 f3 ; r 0x77 00 24
        w 0x77 f7 ; r 0x77 4a 52 c0 80 96 c0 7a 76
    })";

measurement measure(i2c_bus& bus, int address)
{
    std::optional<calibration> known;
    const auto raw = ask_sensor(bus, address, known);
    return compensate(*known, raw);
}

} // namespace

TEST(bme280, computes_the_example_of_the_bmp280s_datasheet)
{
    resourcelock::playback_bus bus{example_of_bmp280};
    const auto now = measure(bus, 0x76);
    EXPECT_EQ(bus.report(), "");
    EXPECT_NEAR(now.celsius, 25.08, 0.005);     // as printed, two decimals
    EXPECT_NEAR(now.pascals, 100653.27, 0.005); // likewise, by the formula in double precision
    EXPECT_FALSE(now.relative_humidity);
}

TEST(bme280, has_the_fine_temperature_of_the_example)
{
    constexpr std::array<std::uint8_t, 6> t1_to_t3{0x70, 0x6b, 0x43, 0x67, 0x18, 0xfc};
    EXPECT_NEAR(fine_temperature(t1_to_t3, 519888), 128422, 1); // a whole number there
}

TEST(bme280, computes_a_recorded_measurement)
{
    resourcelock::playback_bus bus{recording_of_bme280};
    const auto now = measure(bus, 0x77);
    EXPECT_EQ(bus.report(), "");
    EXPECT_NEAR(now.celsius, 23.72, 0.005);
    EXPECT_NEAR(now.pascals, 100942.695, 0.3); // by the formulas in whole numbers
    EXPECT_NEAR(now.relative_humidity.value_or(-1), 65.3057, 0.001);
}

TEST(bme280, has_the_pressure_of_the_whole_numbers_at_their_temperature)
{
    constexpr std::array<std::uint8_t, 24> t1_to_p9{0x10, 0x6e, 0x6c, 0x66, 0x32, 0x00, 0x5d, 0x95,
                                                    0xb8, 0xd5, 0xd0, 0x0b, 0x77, 0x1e, 0x9d, 0xff,
                                                    0xf9, 0xff, 0xac, 0x26, 0x0a, 0xd8, 0xbd, 0x10};
    EXPECT_NEAR(pressure_in_pascals(t1_to_p9, 0x4a52c, 121449), 100942.695, 0.01);
}

TEST(bme280, reads_the_calibration_once)
{
    const std::string again = R"(
    session {
        w 0x76 f5 00
        w 0x76 f4 25
        w 0x76 f3 ; r 0x76 00 24
        w 0x76 f7 ; r 0x76 65 5a c0 7e ed 00
    })";
    resourcelock::playback_bus bus{example_of_bmp280 + again};
    std::optional<calibration> known;
    EXPECT_EQ(ask_sensor(bus, 0x76, known), ask_sensor(bus, 0x76, known));
    EXPECT_EQ(bus.report(), "");
}

TEST(bme280, keeps_signs_of_the_humidity_calibration)
{
    // H4 and H5 share the byte in the middle: 0xfff = -1 and 0x801 = -2047. Without them all is 0.
    const calibration known{.has_humidity = true,
                            .of_all = {},
                            .of_humidity = {0x00, 0x40, 0x00, 0xff, 0x1f, 0x80, 0x00}}; // H2 is 16384
    EXPECT_NEAR(humidity_in_percent(known, 100, 76800), (100 + 64) / 4.0, 1e-9);
    EXPECT_NEAR(humidity_in_percent(known, 0, 76800 + 1024), (64 + 2047 / 16.0) / 4, 1e-9);
    EXPECT_EQ(humidity_in_percent(known, 0, 76800 - 1024), 0) << "never less than nothing";
}

TEST(bme280, does_not_take_another_device_for_its_own)
{
    resourcelock::playback_bus bus{"session {\n w 0x76 d0 ; r 0x76 55\n }"};
    EXPECT_THROW(measure(bus, 0x76), std::runtime_error);
}

TEST(bme280, measures_on_a_simulated_bus)
{
    const test::sim_name sim;
    EXPECT_EQ(test::run({BME280, "--bus", sim.bus()}),
              (test::outcome{"23.72 C, 1009.44 hPa, 65.31 %RH\n", 0}));
}

TEST(bme280, looks_at_the_address_it_is_given)
{
    const test::sim_name sim;
    const auto result = test::run({BME280, "--bus", sim.bus(), "--address", "0x77"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.output.find("no BME280 found"), std::string::npos) << result;
    EXPECT_EQ(test::run({BME280, "--bus", sim.bus(), "--address", "0x75"}).exit_code, 64);
}
