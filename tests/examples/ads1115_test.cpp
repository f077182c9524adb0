// Two's complement times a power of two: exact in a double but for the factor 4.096; tolerance 1 nV.
#include "ads1115.cpp"

#include "outcome.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

TEST(ads1115, converts_the_table_of_the_datasheet)
{
    // SBAS444, table "Input Signal Versus Ideal Output Code", at a full scale of 4.096 V
    constexpr double one_bit = 0.000125;
    EXPECT_NEAR(to_volts(0x7fff), 4.096 - one_bit, 1e-9);
    EXPECT_NEAR(to_volts(0x0001), one_bit, 1e-9);
    EXPECT_EQ(to_volts(0x0000), 0);
    EXPECT_NEAR(to_volts(0xffff), -one_bit, 1e-9);
    EXPECT_NEAR(to_volts(0x8000), -4.096, 1e-9);
}

TEST(ads1115, selects_each_input_against_ground)
{
    EXPECT_EQ(config_for(0), 0xc383); // MUX 100, PGA 001, single shot, 128 samples a second
    EXPECT_EQ(config_for(3), 0xf383);
}

TEST(ads1115, measures_on_a_simulated_bus)
{
    const test::sim_name sim;
    EXPECT_EQ(test::run({ADS1115, "--bus", sim.bus()}),
              (test::outcome{"AIN0 0.3000 V, AIN1 0.8000 V, AIN2 1.2500 V, AIN3 1.9000 V\n", 0}));
}
