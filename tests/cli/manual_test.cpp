// Help, manual pages and program tell the same.
#include "program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

std::string manual(const std::string& section)
{
    std::ifstream file{MANUAL + section};
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

std::string help()
{
    const auto [text, exit_code] = test::run_program({"--help"});
    EXPECT_EQ(exit_code, 0);
    return text;
}

} // namespace

TEST(manual, help_fits_a_terminal_of_80_columns)
{
    std::istringstream lines{help()};
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80U) << line;
}

TEST(manual, help_has_three_examples)
{
    const auto text = help();
    const auto examples = text.substr(text.find("\nexamples:\n") + 11);
    const auto lines = examples.substr(0, examples.find("\n\n")) + "\n";
    EXPECT_EQ(std::ranges::count(lines, '\n'), 3) << lines;
    EXPECT_EQ(found(lines, R"(  (resourcelock|sudo resourcelock) )").size(), 2U) << lines;
}

TEST(manual, page_has_the_options_of_help)
{
    constexpr auto option = R"((--[a-z][-a-z]+))";
    EXPECT_EQ(found(plain(manual("1")), option), found(help(), option));
}

TEST(manual, page_has_the_commands_and_exit_codes_of_help)
{
    const auto page = plain(manual("1"));
    for (const auto& command : found(help(), R"(\n  ([a-z]+): )"))
        EXPECT_TRUE(std::regex_search(page, std::regex{"\n\\.TP\n\\.BR? \"?" + command})) << command;
    for (const auto& code : found(help(), R"(\n  ([0-9]+) )"))
        EXPECT_NE(page.find("\n.TP\n.B " + code + "\n"), std::string::npos) << code;
}

TEST(manual, pages_name_each_other)
{
    EXPECT_NE(manual("1").find(".BR resourcelock (7)"), std::string::npos);
    EXPECT_NE(manual("7").find(".BR resourcelock (1)"), std::string::npos);
}
