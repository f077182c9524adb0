// The program that reads and writes an EEPROM, on a simulated bus.
#include "eeprom.cpp"

#include "outcome.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace {

using words = std::vector<std::string>;

class eeprom : public testing::Test {
protected:
    test::outcome run(const words& arguments)
    {
        words command{EEPROM, "--bus", sim_.bus()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return test::run(command);
    }

    std::string read_hex(std::size_t offset, std::size_t length)
    {
        const auto [output, exit_code] =
            run({"--json", "--offset", std::to_string(offset), "--length", std::to_string(length)});
        EXPECT_EQ(exit_code, 0) << output;
        const auto json = nlohmann::json::parse(output);
        EXPECT_EQ(json.at("bus"), sim_.bus());
        EXPECT_EQ(json.at("offset"), offset);
        return json.at("read");
    }

    /// Writes all 128 pages, slowly enough for others to do something meanwhile.
    test::child write_slowly()
    {
        control_.add_fault(
            {.delay = std::chrono::milliseconds{10}, .count = resourcelock::sim_fault::always});
        return test::child::of(
            {EEPROM, "--bus", sim_.bus(), "--progress", "--write-hex", std::string(8192, '5')}, true);
    }

    const test::sim_name sim_;
    resourcelock::sim_control control_{sim_.bus()};
};

} // namespace

TEST_F(eeprom, reads_when_nothing_else_is_asked)
{
    EXPECT_EQ(run({}),
              (test::outcome{"0000  ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff  ................\n"
                             "0010  ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff  ................\n",
                             0}));
}

TEST_F(eeprom, writes_across_pages_and_nothing_else)
{
    const std::string text = "From the middle of one page over a whole one into a third";
    EXPECT_EQ(run({"--offset", "20", "--write", text}),
              (test::outcome{"57 bytes written at 20 and read back\n", 0}));
    EXPECT_EQ(run({"--offset", "0x10", "--length", "70"}),
              (test::outcome{"0010  ff ff ff ff 46 72 6f 6d 20 74 68 65 20 6d 69 64  ....From the mid\n"
                             "0020  64 6c 65 20 6f 66 20 6f 6e 65 20 70 61 67 65 20  dle of one page \n"
                             "0030  6f 76 65 72 20 61 20 77 68 6f 6c 65 20 6f 6e 65  over a whole one\n"
                             "0040  20 69 6e 74 6f 20 61 20 74 68 69 72 64 ff ff ff   into a third...\n"
                             "0050  ff ff ff ff ff ff                                ......\n",
                             0}));
    EXPECT_EQ(read_hex(0, 20), std::string(40, 'f'));
}

TEST_F(eeprom, writes_bytes_given_in_hexadecimal)
{
    const auto [output, exit_code] = run({"--json", "--offset", "4092", "--write-hex", "0001FEff"});
    EXPECT_EQ(exit_code, 0);
    EXPECT_EQ(nlohmann::json::parse(output).at("written"), "0001feff");
    EXPECT_EQ(read_hex(4090, 6), "ffff0001feff");
}

TEST_F(eeprom, reads_the_whole_chip) { EXPECT_EQ(read_hex(0, 4096), std::string(8192, 'f')); }

TEST_F(eeprom, refuses_what_does_not_fit_and_writes_nothing)
{
    for (const auto& arguments : std::vector<words>{
             {"--offset", "4096"},
             {"--offset", "-1"},
             {"--offset", "1e3"},
             {"--offset", "99999999999999999999"},
             {"--length", "0"},
             {"--length", "4097"},
             {"--length", "-1"},
             {"--offset", "4095", "--length", "2"},
             {"--offset", "4095", "--write", "ab"},
             {"--write", ""},
             {"--write-hex", ""},
             {"--write-hex", "123"},
             {"--write-hex", "0x"},
             {"--write-hex", "0g"},
             {"--write", "a", "--write-hex", "00"},
             {"--write", "a", "--length", "1"},
         }) {
        const auto result = run(arguments);
        EXPECT_EQ(result.exit_code, 64) << testing::PrintToString(arguments) << result;
    }
    EXPECT_EQ(read_hex(0, 4096), std::string(8192, 'f'));
}

TEST(eeprom_pages, end_where_the_chips_do)
{
    const bytes data(70);
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (const auto& [offset, part] : split_into_pages(20, data))
        found.emplace_back(offset, part.size());
    EXPECT_EQ(found, (decltype(found){{20, 12}, {32, 32}, {64, 26}}));
    EXPECT_EQ(split_into_pages(0, std::span{data}.first(32)).size(), 1U);
    EXPECT_EQ(split_into_pages(4095, std::span{data}.first(1)).size(), 1U);
}

TEST_F(eeprom, tells_its_progress_when_asked)
{
    EXPECT_EQ(
        run({"--offset", "20", "--progress", "--write-hex", std::string(140, '5')}),
        (test::outcome{"page 1 of 3\npage 2 of 3\npage 3 of 3\n70 bytes written at 20 and read back\n", 0}));
}

TEST_F(eeprom, lets_others_on_the_bus_between_pages)
{
    auto writer = write_slowly();
    ASSERT_EQ(writer.line(), "page 1 of 128");
    {
        i2c_bus bus{sim_.bus()};
        const auto session = bus.session(); // within the usual second
        control_.clear_faults();
    }
    EXPECT_EQ(writer.line(), "page 2 of 128") << "it had not ended long before";
    EXPECT_TRUE(writer.rest().ends_with("4096 bytes written at 0 and read back\n"));
    EXPECT_EQ(writer.wait(), 0);
    EXPECT_EQ(read_hex(0, 4096), std::string(8192, '5'));
}

TEST_F(eeprom, names_the_page_to_those_who_wait)
{
    auto writer = write_slowly();
    ASSERT_EQ(writer.line(), "page 1 of 128");
    const resourcelock::resource_lock lock{sim_.lock()};
    const auto end = std::chrono::steady_clock::now() + test::deadline;
    std::string info;
    while (info.find("eeprom: page ") == std::string::npos && std::chrono::steady_clock::now() < end)
        info = lock.get_lock_info();
    EXPECT_NE(info.find(" of 128"), std::string::npos) << info;
}

TEST_F(eeprom, ends_between_two_pages_when_asked_to)
{
    std::signal(SIGINT, SIG_DFL); // whatever started the tests may ignore it, and they would pass it on
    for (const int signal : {SIGINT, SIGTERM}) {
        auto writer = write_slowly();
        ASSERT_EQ(writer.line(), "page 1 of 128");
        writer.signal(signal);
        const auto rest = writer.rest();
        EXPECT_NE(rest.find("eeprom: interrupted before page "), std::string::npos) << rest;
        EXPECT_EQ(writer.wait(), 1);
        control_.clear_faults();
        i2c_bus bus{sim_.bus()};
        std::error_code error;
        const auto session = bus.session({.timeout = std::chrono::seconds{0}}, error);
        EXPECT_FALSE(error) << "the bus is free";
    }
}

TEST_F(eeprom, waits_for_a_chip_that_is_busy)
{
    // as after a program that was killed while the chip stored its page
    control_.add_fault({.error = EREMOTEIO, .count = 2});
    EXPECT_EQ(read_hex(0, 1), "ff");
    control_.add_fault({.error = EREMOTEIO, .count = 2});
    EXPECT_EQ(run({"--write", "a"}).exit_code, 0);
    EXPECT_EQ(read_hex(0, 1), "61");
}

TEST_F(eeprom, says_that_there_is_no_such_chip)
{
    control_.add_fault({.error = EREMOTEIO, .count = resourcelock::sim_fault::always});
    for (const auto& arguments : std::vector<words>{{}, {"--write", "a"}}) {
        const auto result = run(arguments);
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_NE(result.output.find("no AT24C32 found"), std::string::npos) << result;
    }
}
