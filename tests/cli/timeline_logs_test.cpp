// What `resourcelock NAME timeline` makes of logs that no program of ours has written, and of wrong usage.
#include "picture.hpp"
#include "program.hpp"

#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

using test::bars;
using test::contents;
using test::folder;
using test::run_script;
using test::timeline;
using test::words;

namespace {

const std::string requested = "lock requested          - Process 1       <text>";
const std::string granted = "lock request successful - Granted         <2026-05-01 12:00:00.000000 - text>";
const std::string recovered = "lock recovered          - Its last holder died";
const std::string released = "lock released  <>";

/// A line of the lock `made-up`.
std::string line(int microseconds, const std::string& text)
{
    return fmt::format("[2026-05-01 12:{:02}:{:02}.{:06}] [resourcelock] [debug] <made-up> {}\n",
                       microseconds / 60'000'000, microseconds / 1'000'000 % 60, microseconds % 1'000'000,
                       text);
}

class timeline_of_logs : public testing::Test {
protected:
    const folder files_;

    std::string write(const std::string& name, const std::string& text)
    {
        std::ofstream{files_ / name, std::ios::binary} << text;
        return files_ / name;
    }
    test::outcome run(const words& arguments)
    {
        words all{"made-up", "timeline"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return test::run(test::command(all));
    }
    bars drawn(const words& arguments)
    {
        const auto [svg, exit_code] = run(arguments);
        EXPECT_EQ(exit_code, 0) << svg;
        return test::bars_in(svg);
    }
    void expect_refused(const words& arguments, int exit_code, const std::string& reason)
    {
        const auto [output, code] = run(arguments);
        EXPECT_EQ(code, exit_code);
        EXPECT_TRUE(std::regex_match(output, std::regex{"resourcelock: [^\n]*\n"})) << output;
        EXPECT_NE(output.find(reason), std::string::npos) << output;
    }
};

} // namespace

TEST_F(timeline_of_logs, other_lines_are_skipped)
{
    const auto log =
        write("a.log", "\n[2026-05-01\n[2026-13-01 12:00:00.000000] <made-up> " + granted +
                           "\n[2026-05-01 12:00:00.0000] <made-up> " + granted + "\n<made-up> " + granted +
                           "\n[2026-05-01 12:00:00.000] <other> " + granted +
                           "\n[2026-05-01 12:00:00.000] text <made-up> text\n" +
                           "[2026-05-01 12:00:00.001] <made-up> " + granted +
                           "\n[2026-05-01 12:00:00.001500000] [x] [<made-up> ] <made-up> " + released +
                           "\n[2026-05-01 12:00:00.002000] anything <made-up> " + granted +
                           "\n[2026-05-01 12:00:00.003] <made-up> " + released); // without its end
    const auto holds = drawn({log}).all("a", "hold");
    ASSERT_EQ(holds.size(), 2U);
    EXPECT_TRUE(holds[0].about.starts_with("holding 500 µs: 2026-05-01 12:00:00.000000 - text"))
        << holds[0].about;
    EXPECT_TRUE(holds[1].about.starts_with("holding 1 ms: ")) << holds[1].about;
}

TEST_F(timeline_of_logs, a_text_that_looks_like_words_of_the_log_is_a_text)
{
    const auto log =
        write("a.log", line(0, "lock requested          - Process 1       <<made-up> " + released + ">") +
                           line(1000, granted) + line(2000, released));
    const auto picture = drawn({log});
    const auto wait = picture.only("a", "wait");
    EXPECT_TRUE(wait.about.ends_with("<made-up> " + released)) << wait.about;
    EXPECT_TRUE(picture.only("a", "hold").about.starts_with("holding 1 ms: "));
}

TEST_F(timeline_of_logs, only_the_asked_time_is_shown)
{
    std::string text;
    for (int second = 0; second < 10; ++second)
        text += line(second * 1'000'000, granted) + line(second * 1'000'000 + 500'000, released);
    const auto log = write("a.log", text);
    EXPECT_EQ(drawn({log}).all("a", "hold").size(), 10U);
    const auto holds = drawn({log, "--from", "2.25", "--to", "4.25"}).all("a", "hold");
    ASSERT_EQ(holds.size(), 3U);
    const auto whole = holds[1].width;
    EXPECT_NEAR(holds[0].width, whole / 2, 0.2);
    EXPECT_NEAR(holds[2].width, whole / 2, 0.2);
    EXPECT_EQ(drawn({log, "--to", "1000"}).all("a", "hold").size(), 10U);
}

TEST_F(timeline_of_logs, a_clock_that_goes_back_makes_the_lane_stand_still)
{
    const auto log = write("a.log", line(1'000'000, granted) + line(500'000, released) +
                                        line(600'000, granted) + line(2'000'000, released));
    const auto holds = drawn({log}).all("a", "hold");
    ASSERT_EQ(holds.size(), 2U);
    const auto& later = holds[0].width > holds[1].width ? holds[0] : holds[1];
    EXPECT_TRUE(later.about.starts_with("holding 1 s: ")) << "from 1 s to 2 s; the other one takes no time";
    EXPECT_NEAR(holds[0].x, holds[1].x, 1);
}

TEST_F(timeline_of_logs, a_new_process_goes_on_with_the_file_of_one_that_died)
{
    const auto new_process = "lock requested          - Process 2       <text>";
    const auto log = write("a.log", line(0, requested) + line(1000, granted) + line(2000, requested) +
                                        line(4000, requested) + line(8000, new_process) +
                                        line(9000, granted) + line(9010, recovered) + line(12000, released));
    const auto picture = drawn({log});
    EXPECT_TRUE(picture.only("a", "dead").about.starts_with("holder died 8 ms"))
        << picture.only("a", "dead").about;
    EXPECT_TRUE(picture.only("a", "hold").about.starts_with("holding 3 ms"));
    const auto waits = picture.all("a", "wait", 2);
    ASSERT_EQ(waits.size(), 3U);
    EXPECT_TRUE(waits[0].about.starts_with("waiting 1 ms"));
    EXPECT_EQ(waits[1].about, "waiting 2 ms: text (its process ended)") << "with its last line";
    EXPECT_TRUE(waits[2].about.starts_with("waiting 1 ms"));
}

TEST_F(timeline_of_logs, threads_share_a_lane)
{
    // The second thread logs its grant before the first one logs its release.
    const auto log = write("a.log", line(0, requested) + line(1000, requested) + line(2000, granted) +
                                        line(5000, granted) + line(5100, released) + line(8000, released));
    const auto picture = drawn({log});
    EXPECT_TRUE(picture.only("a", "wait").about.starts_with("waiting 5 ms"));
    const auto holds = picture.all("a", "hold");
    ASSERT_EQ(holds.size(), 2U);
    EXPECT_TRUE(holds[0].about.starts_with("holding 3 ms")) << "until the other one had it";
    EXPECT_TRUE(holds[1].about.starts_with("holding 3 ms"));
}

TEST_F(timeline_of_logs, a_hold_that_ends_unseen_is_drawn_up_to_the_next_one)
{
    const auto a = write("a.log", line(0, granted));
    const auto b = write("b.log", line(4000, granted) + line(5000, released));
    const auto hold = drawn({a, b}).only("a", "hold");
    EXPECT_TRUE(hold.about.starts_with("holding 4 ms")) << hold.about;
    EXPECT_TRUE(hold.about.ends_with("(its end is not in the log)")) << hold.about;
}

TEST_F(timeline_of_logs, names_and_texts_may_contain_anything)
{
    const std::string odd = "a<&\"'>\x01\x1b[31m\xff\xef\xbf\xbf\xc2\x9b";
    const auto log = write(odd + ".log", line(0, "lock request successful - Granted         <" + odd + "]]>" +
                                                     std::string(5000, 'x') + ">") +
                                             line(1000, released));
    const auto long_name = write(std::string(100, 'n') + "-1.log", line(2000, granted));
    const auto picture = drawn({log, long_name});
    ASSERT_EQ(picture.found.size(), 2U);
    EXPECT_NE(picture.found[0].about.find("a<&\"'>\\x01\\x1b[31m"), std::string::npos)
        << picture.found[0].about;
    EXPECT_LT(picture.found[0].about.size(), 400U);
    EXPECT_TRUE(picture.found[1].lane.starts_with("…nnn")) << picture.found[1].lane;
    EXPECT_TRUE(picture.found[1].lane.ends_with("nnn-1"));
}

TEST_F(timeline_of_logs, logs_of_the_same_name_are_told_apart_by_their_folders)
{
    std::filesystem::create_directory(files_ / "x");
    const auto first = write("a.log", line(0, granted) + line(1000, released));
    const auto second = write("x/a.log", line(2000, granted) + line(3000, released));
    const auto picture = drawn({first, second});
    ASSERT_EQ(picture.found.size(), 2U);
    EXPECT_TRUE(picture.found[0].lane.ends_with("/a.log"));
    EXPECT_TRUE(picture.found[1].lane.ends_with("/x/a.log"));
}

TEST_F(timeline_of_logs, a_huge_log_makes_a_small_picture_that_is_as_dark_as_the_lock_was_busy)
{
    constexpr int holds = 100'000;
    std::string text;
    for (int i = 0; i < holds; ++i) { // half of the time, then a sixth of it
        const auto length = i < holds / 2 ? 500 : 150;
        text += line(i * 1000, granted) + line(i * 1000 + length, released);
    }
    const auto log = write("a.log", text);
    const auto output = files_ / "a.svg";
    ASSERT_EQ(run({log, "-o", output}), (test::outcome{"", 0}));
    EXPECT_LT(std::filesystem::file_size(output), 20'000U);
    const auto bars = test::bars_in(contents(output)).all("a", "hold");
    ASSERT_FALSE(bars.empty());
    double width = 0;
    long times = 0;
    for (const auto& each : bars) {
        width += each.width;
        times += std::stol(each.about.substr(each.about.find(' ')));
        if (each.width > 10) {
            EXPECT_NEAR(each.opacity, each.x < 500 ? 0.3 + 0.7 * 0.5 : 0.3 + 0.7 / 6, 0.13) << each.x;
        }
    }
    EXPECT_EQ(times, holds);
    EXPECT_NEAR(width, 744, 3);
}

TEST_F(timeline_of_logs, as_many_signs_as_have_room)
{
    std::string text;
    for (int i = 0; i < 10'000; ++i)
        text += line(i * 10, "lock request timed out  - Current owner   <other>");
    const auto signs = drawn({write("a.log", text)}).all("a", "timeout");
    EXPECT_GT(signs.size(), 20U);
    EXPECT_LT(signs.size(), 100U);
    EXPECT_TRUE(signs.front().about.ends_with(" times")) << signs.front().about;
}

TEST_F(timeline_of_logs, reads_names_as_the_library_logs_them)
{
    const auto log = write("name.log", "[2026-05-01 12:00:00.000000] <a\\xff> " + granted + "\n");
    const auto picture = test::run(test::command({"a\xff", "timeline", log}));
    EXPECT_EQ(picture.exit_code, 0) << picture;
}

TEST_F(timeline_of_logs, refuses_files_that_are_no_such_logs)
{
    const std::string far =
        "[9999-05-01 12:00:00.000] <made-up> " + granted; // more nanoseconds than a clock has
    const auto good = write("good.log", line(0, granted));
    expect_refused({good, files_ / "none.log"}, 71, "none.log: No such file");
    expect_refused({files_ / ""}, 71, "Is a directory");
    const std::string what_to_do = "log at level trace";
    expect_refused({write("empty.log", "")}, 71, what_to_do);
    expect_refused({write("far.log", far)}, 71, what_to_do);
    expect_refused({good, write("other.log", "[2026-05-01 12:00:00.000] <other> " + granted)}, 71,
                   what_to_do);
    expect_refused({write("binary.log", std::string(100'000, '\0'))}, 71, what_to_do);
    expect_refused({good, "--from", "1"}, 71, "--from must be less");
}

TEST_F(timeline_of_logs, refuses_wrong_usage)
{
    const auto good = write("good.log", line(0, granted));
    expect_refused({}, 64, "LOG is required");
    expect_refused({good, "--from", "-1"}, 64, "0 or more");
    expect_refused({good, "--from", "soon"}, 64, "not a number");
    expect_refused({good, "--from", "2", "--to", "2"}, 64, "--to must be more");
    expect_refused({good, "-o", good}, 64, "one of the logs");
    expect_refused({good, "-a", "1"}, 64, "-a");
    const auto bad_name = test::run(test::command({"a/b", "timeline", good}));
    EXPECT_EQ(bad_name.exit_code, 64) << bad_name;
    EXPECT_EQ(contents(good), line(0, granted));
}

TEST_F(timeline_of_logs, the_picture_is_written_whole_or_not_at_all)
{
    const auto good = write("good.log", line(0, granted) + line(1000, released));
    const auto old = write("old.svg", "the old one");
    expect_refused({good, "-o", files_ / "none/a.svg"}, 71, "No such file");
    expect_refused({good, "-o", "/dev/full"}, 71, "No space left");
    const auto cut_short =
        run_script("trap '' XFSZ; ulimit -f 1; exec $0 made-up timeline " + good + " -o $1", old);
    EXPECT_EQ(cut_short.exit_code, 71) << cut_short;
    EXPECT_EQ(contents(old), "the old one");
    EXPECT_EQ(files_.files(), 2) << "nothing is left behind";

    std::filesystem::permissions(old, std::filesystem::perms{0600});
    std::filesystem::create_symlink("old.svg", files_ / "link.svg");
    EXPECT_EQ(run({good, "-o", files_ / "link.svg"}), (test::outcome{"", 0}));
    EXPECT_TRUE(std::filesystem::is_symlink(files_ / "link.svg"));
    EXPECT_EQ(std::filesystem::status(old).permissions(), std::filesystem::perms{0600});
    EXPECT_EQ(contents(old), run({good, "-o", "-"}).output);
    EXPECT_EQ(contents(old), run({good, "-o", "/dev/stdout"}).output);
}
