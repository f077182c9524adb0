// The program that reads and writes an EEPROM, on a simulated bus.
#include "outcome.hpp"
#include "sim_name.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

private:
    const test::sim_name sim_;
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
