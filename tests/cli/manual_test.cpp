// Help, manual pages and program tell the same.
#include "program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

/// \param name such as resourcelock.1
std::string manual(const std::string& name)
{
    std::ifstream file{std::string{MANUALS "/man"} + name.back() + '/' + name};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// What a reader sees: without the marks of fonts.
std::string plain(const std::string& page)
{
    return std::regex_replace(std::regex_replace(page, std::regex{R"(\\-)"}, "-"), std::regex{R"(\\f.)"}, "");
}

std::set<std::string> found(const std::string& text, const char* pattern)
{
    const std::regex searched{pattern};
    std::set<std::string> all;
    for (std::sregex_iterator one{text.begin(), text.end(), searched}, end; one != end; ++one)
        all.insert(one->str(1));
    return all;
}

struct program {
    std::string name;
    std::string path;

    [[nodiscard]] std::string help() const
    {
        const auto [text, exit_code] = test::run({path, "--help"});
        EXPECT_EQ(exit_code, 0);
        return text;
    }
    [[nodiscard]] std::string page() const { return plain(manual(name + ".1")); }
};

std::ostream& operator<<(std::ostream& out, const program& shown) { return out << shown.name; }

class manual_of : public testing::TestWithParam<program> {};

INSTANTIATE_TEST_SUITE_P(programs, manual_of,
                         testing::Values(program{"resourcelock", RESOURCELOCK}, program{"i2cbus", I2CBUS}),
                         [](const auto& one) { return one.param.name; });

} // namespace

TEST_P(manual_of, help_fits_a_terminal_of_80_columns)
{
    std::istringstream lines{GetParam().help()};
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80U) << line;
}

TEST_P(manual_of, help_has_three_examples)
{
    const auto text = GetParam().help();
    const auto examples = text.substr(text.find("\nexamples:\n") + 11);
    const auto lines = examples.substr(0, examples.find("\n\n")) + "\n";
    const auto own = "  (sudo |)" + GetParam().name + " [^\n]*\n";
    EXPECT_TRUE(
        std::regex_match(lines.substr(0, lines.find_last_not_of('\n') + 2), std::regex{"(" + own + "){3}"}))
        << lines;
}

TEST_P(manual_of, page_has_the_options_of_help)
{
    constexpr auto option = R"((--[a-z][-a-z]+))";
    EXPECT_EQ(found(GetParam().page(), option), found(GetParam().help(), option));
}

TEST_P(manual_of, page_has_the_commands_and_exit_codes_of_help)
{
    const auto page = GetParam().page();
    const auto help = GetParam().help();
    const auto from_commands = help.substr(help.find("\ncommands:\n") + 10);
    const auto commands = found(from_commands.substr(0, from_commands.find("\n\n")), R"(\n  ([a-z]+):? )");
    EXPECT_GE(commands.size(), 4U);
    for (const auto& command : commands)
        EXPECT_TRUE(std::regex_search(page, std::regex{"\n\\.TP\n\\.BR? \"?" + command})) << command;
    const auto codes = found(help, R"(\n  ([0-9]+) )");
    EXPECT_GE(codes.size(), 4U);
    for (const auto& code : codes)
        EXPECT_NE(page.find("\n.TP\n.B " + code + "\n"), std::string::npos) << code;
}

TEST(manual, pages_name_each_other)
{
    EXPECT_NE(manual("resourcelock.1").find(".BR resourcelock (7)"), std::string::npos);
    EXPECT_NE(manual("resourcelock.7").find(".BR resourcelock (1)"), std::string::npos);
    EXPECT_NE(manual("i2cbus.1").find(".BR resourcelock (7)"), std::string::npos);
}
