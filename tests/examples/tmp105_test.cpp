// Two's complement, 12 bits left-justified: exact in a double.
#include "tmp105.cpp"

#include "outcome.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

TEST(tmp105, converts_the_table_of_the_datasheet)
{
    // SLLS648, table "Temperature Data Format"
    EXPECT_EQ(to_celsius(0x7ff0), 127.9375);
    EXPECT_EQ(to_celsius(0x6400), 100);
    EXPECT_EQ(to_celsius(0x1900), 25);
    EXPECT_EQ(to_celsius(0x0040), 0.25);
    EXPECT_EQ(to_celsius(0x0000), 0);
    EXPECT_EQ(to_celsius(0xffc0), -0.25);
    EXPECT_EQ(to_celsius(0xe700), -25);
    EXPECT_EQ(to_celsius(0xc900), -55);
}

TEST(tmp105, measures_at_the_address_it_is_given)
{
    const test::sim_name sim;
    EXPECT_EQ(test::run({TMP105, "--bus", sim.bus(), "--address", "0x49"}),
              (test::outcome{"21.5000 C\n", 0}));
}

TEST(tmp105, does_not_take_another_device_for_its_own)
{
    const test::sim_name sim; // with an ADS1115 at the usual address
    EXPECT_EQ(test::run({TMP105, "--bus", sim.bus()}),
              (test::outcome{"tmp105: no TMP105 found: another device answers at address 0x48\n", 1}));
}

TEST(tmp105, refuses_addresses_that_it_cannot_have)
{
    for (const std::string address : {"0x47", "0x50", "-1", "0", "here", "1e2", "0x100000048"})
        EXPECT_EQ(test::run({TMP105, "--bus", "sim:none", "--address", address}).exit_code, 64) << address;
}
