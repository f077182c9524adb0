// What bus lines do that no simulated bus does.
#include "line_probe.hpp"

#include <resourcelock/playback_bus.hpp>

#include <gtest/gtest.h>

namespace {

using resourcelock::playback_bus;
using resourcelock::cli::line_state;
using resourcelock::cli::probe_lines;

TEST(line_probe, with_sda_low_addresses_that_nobody_can_have_are_acknowledged)
{
    playback_bus bus{"r 0x7f 00\nr 0x7e 00\nr 0x7d 00\n"};
    EXPECT_EQ(probe_lines(bus).state, line_state::look_stuck);
    EXPECT_EQ(bus.report(), "");
}

TEST(line_probe, one_device_there_is_no_stuck_line)
{
    playback_bus bus{"r 0x7f 00\nr 0x7e xx ! ENXIO\n"};
    EXPECT_EQ(probe_lines(bus).state, line_state::answer);
    EXPECT_EQ(bus.report(), "");
}

TEST(line_probe, a_stub_without_that_chip_answers)
{
    playback_bus bus{"r 0x7f xx ! ENODEV\n"};
    EXPECT_EQ(probe_lines(bus).state, line_state::answer);
}

TEST(line_probe, an_adapter_that_cannot_is_not_probed)
{
    playback_bus bus{"r 0x7f xx ! EOPNOTSUPP\n"};
    EXPECT_EQ(probe_lines(bus).state, line_state::cannot_be_told);
}

} // namespace
