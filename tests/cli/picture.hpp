#pragma once

#include "program.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

/// What a picture of `resourcelock NAME timeline` shows.
namespace test {

inline std::string contents(const std::filesystem::path& file)
{
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// For the files of one test; removed afterwards.
class folder {
public:
    folder()
    {
        std::string name = std::filesystem::temp_directory_path() / "resourcelock-test-XXXXXX";
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error{"cannot make a folder"};
        path_ = name;
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    std::string operator/(const std::string& file) const { return path_ / file; }
    [[nodiscard]] long files() const
    {
        return std::distance(std::filesystem::directory_iterator{path_},
                             std::filesystem::directory_iterator{});
    }

private:
    std::filesystem::path path_;
};

/// A bar, or the sign of a mark, which has no width.
struct drawn_bar {
    std::string lane;
    std::string kind;
    double x;
    double width;
    double opacity;
    std::string about; ///< its tooltip

    [[nodiscard]] double end() const { return x + width; }
};

struct bars {
    std::vector<drawn_bar> found;

    /// \param narrowest what is narrower is not looked for
    [[nodiscard]] std::vector<drawn_bar> all(const std::string& lane, const std::string& kind,
                                             double narrowest = 0) const
    {
        std::vector<drawn_bar> some;
        for (const auto& each : found)
            if (each.lane == lane && each.kind == kind && each.width >= narrowest)
                some.push_back(each);
        return some;
    }
    [[nodiscard]] drawn_bar only(const std::string& lane, const std::string& kind, double narrowest = 0) const
    {
        auto some = all(lane, kind, narrowest);
        EXPECT_EQ(some.size(), 1U) << lane << ' ' << kind;
        return some.empty() ? drawn_bar{} : some.front();
    }
};

/// Has python3 read a picture as XML. Every lane is a group of its name and its bars.
inline bars bars_in(const std::string& svg)
{
    const folder files;
    std::ofstream{files / "svg", std::ios::binary} << svg;
    constexpr auto script = R"(
import sys, xml.etree.ElementTree as xml
svg = '{http://www.w3.org/2000/svg}'
root = xml.parse(sys.argv[1]).getroot()
assert root.tag == svg + 'svg' and root.get('version') == '1.1'
assert not root.findall('.//' + svg + 'script')
for lane in root.findall(svg + 'g'):
    for bar in lane:
        about = bar.find(svg + 'title')
        if about is None: continue
        x = bar.get('x') or bar.get('transform').split('(')[1].split()[0]
        print(lane.find(svg + 'text').text, bar.get('class'), x, bar.get('width', '0'), bar.get('opacity', '1'),
              about.text, sep='\t')
)";
    const auto [lines, exit_code] = run({"python3", "-X", "utf8", "-c", script, files / "svg"});
    EXPECT_EQ(exit_code, 0) << lines;
    bars result;
    std::istringstream in{lines};
    for (std::string line; std::getline(in, line);) {
        std::istringstream parts{line};
        drawn_bar bar;
        std::getline(parts, bar.lane, '\t');
        std::getline(parts, bar.kind, '\t');
        parts >> bar.x >> bar.width >> bar.opacity;
        parts.ignore();
        std::getline(parts, bar.about);
        result.found.push_back(bar);
    }
    return result;
}

/// The picture that a command line makes on the standard output.
inline bars timeline(const words& arguments)
{
    const auto [svg, exit_code] = run(command(arguments));
    EXPECT_EQ(exit_code, 0) << svg;
    return bars_in(svg);
}

} // namespace test
