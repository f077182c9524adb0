#include "timeline_picture.hpp"

#include "info_text.hpp"
#include "pixel_bars.hpp"
#include "time_axis.hpp"
#include "utf8.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace resourcelock::cli {

namespace {

using nanoseconds = std::chrono::nanoseconds;

constexpr double picture_width = 960;
constexpr double margin = 20;
constexpr double title_line = 28;
constexpr double lanes_left = 180;
constexpr double lanes_right = 924; // the last label of the axis is wider
constexpr double lanes_top = 44;
constexpr double lane_height = 44;
constexpr double sign_line = 8; // in a lane
constexpr double bar_line = 26;
constexpr double bar_height = 22;
constexpr double wait_height = 8; // over the bar of a hold, when another thread of the program waits
constexpr double axis_height = 34;
constexpr double legend_line = 28;

/// How a kind of span or mark looks, and what the legend calls it.
struct look {
    const char* name; // of its class in the style
    const char* meaning;
    double height;     // of a span
    const char* shape; // of a mark
};
constexpr look holding{"hold", "holding", bar_height, nullptr};
constexpr look dying{"dead", "holder died", bar_height, nullptr};
constexpr look waiting{"wait", "waiting", wait_height, nullptr};
constexpr look recovered{"recovered", "recovered", 0, "M0 -6L6 0L0 6L-6 0Z"};
constexpr look timed_out{"timeout", "timed out", 0, "M-4 -4L4 4M4 -4L-4 4"};
constexpr look forced{"forced", "forced release", 0, "M-6 -5H6L0 6Z"};
constexpr std::array looks{waiting, holding, dying, recovered, timed_out, forced};

// It brings its own background: pages are light or dark, and not all viewers tell which.
constexpr auto style = R"svg(<style>
text { font: 12px sans-serif; fill: #24292f; }
.name { font-weight: bold; }
.quiet { fill: #57606a; }
.page { fill: #ffffff; stroke: #d0d7de; }
.grid { stroke: #d8dee4; }
.hold { fill: #2f6fb5; }
.wait { fill: #e3a33b; }
.dead { fill: url(#dead); stroke: #c8323a; }
.stripe { stroke: #c8323a; stroke-width: 3; }
.recovered { fill: #1a7f37; }
.timeout { stroke: #c8323a; stroke-width: 2.5; fill: none; }
.forced { fill: #8250df; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.quiet { fill: #9aa4af; }
.page { fill: #0d1117; stroke: #30363d; }
.grid { stroke: #2a3139; }
.hold { fill: #4b93e0; }
.recovered { fill: #3fb950; }
.timeout { stroke: #f0616a; }
.forced { fill: #a882f5; }
}
</style>
<defs><pattern id="dead" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<line class="stripe" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>
)svg";

/// Text that an XML document may contain, whatever somebody wrote into a log.
std::string xml(std::string_view text)
{
    constexpr std::array<std::array<std::string_view, 2>, 6> replaced{{{"&", "&amp;"},
                                                                       {"<", "&lt;"},
                                                                       {">", "&gt;"},
                                                                       {"\"", "&quot;"},
                                                                       {"\xef\xbf\xbe", "\xef\xbf\xbd"},
                                                                       {"\xef\xbf\xbf", "\xef\xbf\xbd"}}};
    constexpr std::size_t longest = 300;
    auto result = printable(valid_utf8(cut(text, longest)));
    for (const auto& [from, to] : replaced)
        for (auto at = result.find(from); at != std::string::npos; at = result.find(from, at + to.size()))
            result.replace(at, from.size(), to);
    return result;
}

/// The end of a long name tells more than its beginning.
std::string label(const std::string& name, std::ptrdiff_t longest)
{
    auto text = printable(valid_utf8(name));
    const auto begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; };
    auto left_out = std::ranges::count_if(text, begins) - longest;
    if (left_out <= 0)
        return text;
    const auto kept = std::ranges::find_if(text, [&](char byte) { return begins(byte) && left_out-- < 0; });
    return "…" + std::string{kept, text.end()};
}

class picture {
public:
    picture(const lock_history& history, const time_axis& axis)
        : history_{history},
          axis_{axis},
          bottom_{lanes_top + lane_height * static_cast<double>(history.lanes.size())}
    {}

    std::string draw(const std::string& lockname)
    {
        head(lockname);
        grid();
        auto top = lanes_top;
        for (const auto& each : history_.lanes) {
            draw(each, top);
            top += lane_height;
        }
        legend();
        add("</svg>\n");
        return svg_;
    }

private:
    template <class... Arguments>
    void add(fmt::format_string<Arguments...> format, Arguments&&... arguments)
    {
        fmt::format_to(std::back_inserter(svg_), format, std::forward<Arguments>(arguments)...);
    }

    void text(const char* name, double x, double y, const char* anchor, std::string_view words)
    {
        add("<text class=\"{}\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", name, x, y, anchor,
            xml(words));
    }

    void head(const std::string& lockname)
    {
        const auto height = bottom_ + axis_height + 2 * legend_line;
        add("<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"{0}\" height=\"{1}\" "
            "viewBox=\"0 0 {0} {1}\">\n<title>Who waited for and held lock {2}</title>\n",
            picture_width, height, xml(lockname));
        svg_ += style;
        add("<rect class=\"page\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
            picture_width - 1, height - 1);
        text("name", margin, title_line, "start", "Lock " + label(lockname, 60));
        text("quiet", picture_width - margin, title_line, "end",
             fmt::format("{} from {}", length_text(axis_.to - axis_.from), clock_text(axis_.from)));
    }

    void grid()
    {
        for (const auto& each : ticks_of(axis_, history_.from)) {
            add("<path class=\"grid\" d=\"M{:.1f} {}V{}\"/>\n", each.x, lanes_top, bottom_ + 4);
            text("quiet", each.x, bottom_ + 18, "middle", each.label);
        }
    }

    void draw(const lane& one, double top)
    {
        const auto middle = top + bar_line;
        add("<g>");
        const auto shown = label(one.name, 21);
        if (shown != one.name)
            add("<title>{}</title>", xml(one.name));
        text("lane", lanes_left - 12, middle + 4, "end", shown);
        add("<path class=\"grid\" d=\"M{} {}H{}\"/>\n", lanes_left, middle, lanes_right);
        bars(holding, one.holds, middle);
        bars(dying, one.dead_holds, middle);
        bars(waiting, one.waits, middle);
        signs(recovered, one.recoveries, top + sign_line);
        signs(timed_out, one.timeouts, top + sign_line);
        signs(forced, one.forced_releases, top + sign_line);
        add("</g>\n");
    }

    void bars(const look& what, const std::vector<span>& spans, double middle)
    {
        constexpr double palest = 0.3;
        for (const auto& each : bars_of(spans, axis_))
            bar_at(what, each.x, middle, each.width, each.share < 1 ? palest + (1 - palest) * each.share : 1,
                   std::string{what.meaning} + ' ' + each.about);
    }

    void bar_at(const look& what, double x, double middle, double width, double opacity,
                std::string_view about)
    {
        add("<rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" opacity=\"{:.2g}\">"
            "<title>{}</title></rect>\n",
            what.name, x, middle - what.height / 2, width, what.height, opacity, xml(about));
    }

    void signs(const look& what, const std::vector<mark>& marks, double middle)
    {
        for (const auto& each : signs_of(marks, axis_))
            sign_at(what, each.x, middle, each.about);
    }

    void sign_at(const look& what, double x, double middle, std::string_view about)
    {
        add("<path class=\"{}\" transform=\"translate({:.1f} {})\" d=\"{}\"><title>{}</title></path>\n",
            what.name, x, middle, what.shape, xml(about));
    }

    void legend()
    {
        auto middle = bottom_ + axis_height + legend_line / 2;
        auto x = margin;
        for (const auto& each : looks) {
            constexpr double width = 18;
            if (each.shape == nullptr)
                bar_at(each, x, middle, width, 1, each.meaning);
            else
                sign_at(each, x + width / 2, middle, each.meaning);
            text("quiet", x + width + 8, middle + 4, "start", each.meaning);
            x += (picture_width - 2 * margin) / looks.size();
        }
        text("quiet", margin, middle + legend_line, "start",
             "Pale: several that are narrower than a pixel; the darker, the more of the time they take.");
    }

    const lock_history& history_;
    const time_axis& axis_;
    double bottom_; // of the lanes
    std::string svg_;
};

} // namespace

std::string timeline_picture(const std::string& lockname, const lock_history& history, nanoseconds from,
                             nanoseconds to)
{
    const time_axis axis{from, to, lanes_left, lanes_right - lanes_left};
    return picture{history, axis}.draw(lockname);
}

} // namespace resourcelock::cli
