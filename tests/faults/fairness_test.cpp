#include "arena.hpp"
#include "figure.hpp"
#include "peers.hpp"
#include "test_names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <string>
#include <thread>

/// Programs that take the lock again and again get equal shares of it, and none waits long. On a machine that
/// does other things too a series may fail by its doing: the best of three counts.
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

struct fairness {
    double share = 0; ///< the fewest entries of a worker as a part of the most
    milliseconds longest_wait = milliseconds::max();
    std::uint64_t timeouts = 0;
    std::string python; ///< "ENTRIES ROBBED TIMEOUTS" of the Python worker
};

fairness measure(int workers, const test::work& how, bool beside_python = false)
{
    const test::lock_name name{"fair"};
    std::optional<test::peer> python;
    if (beside_python)
        python.emplace(test::peer::python(name));
    const test::shared_arena shared;
    std::list<test::worker> crowd;
    for (int i = 1; i <= workers; ++i)
        crowd.emplace_back(name, *shared, static_cast<std::uint64_t>(i), how);
    if (python)
        python->process().tell("exercise " + shared.path() + " 1000");
    std::this_thread::sleep_for(2s);
    shared->stop = 1;
    for (auto& worker : crowd)
        worker.join();

    fairness seen;
    if (python)
        seen.python = python->answer();
    const auto end = shared->shares.begin() + workers;
    const auto [fewest, most] = std::minmax_element(
        shared->shares.begin(), end, [](const auto& a, const auto& b) { return a.entries < b.entries; });
    seen.share =
        static_cast<double>(fewest->entries) / static_cast<double>(std::max<std::uint64_t>(most->entries, 1));
    const auto& slowest = *std::max_element(shared->shares.begin(), end, [](const auto& a, const auto& b) {
        return a.longest_wait < b.longest_wait;
    });
    seen.longest_wait = std::chrono::ceil<milliseconds>(nanoseconds{slowest.longest_wait.load()});
    seen.timeouts = shared->timeouts;
    EXPECT_EQ(shared->violations, 0U);
    EXPECT_EQ(shared->errors, 0U);
    test::figure() << workers << " workers, holds of " << how.longest_hold / 1us << " us: share "
                   << seen.share << ", longest wait " << seen.longest_wait / 1ms << " ms, " << shared->entries
                   << " entries" << (python ? "; Python (entries, robbed, timeouts): " + seen.python : "")
                   << std::endl;
    return seen;
}

template <class Good>
fairness best_of_three(const Good& is_good, int workers, const test::work& how, bool beside_python = false)
{
    fairness seen;
    for (int series = 0; series < 3 && !is_good(seen); ++series)
        seen = measure(workers, how, beside_python);
    return seen;
}

constexpr test::work one_millisecond{.shortest_hold = 1ms, .longest_hold = 1ms};
constexpr test::work twenty_microseconds{.shortest_hold = 20us, .longest_hold = 20us};

} // namespace

TEST(fairness, of_4_programs_with_holds_of_1_ms)
{
    const auto good = [](const fairness& seen) { return seen.share >= 0.8 && seen.longest_wait <= 50ms; };
    EXPECT_TRUE(good(best_of_three(good, 4, one_millisecond)));
}

TEST(fairness, of_8_programs_with_holds_of_1_ms)
{
    const auto good = [](const fairness& seen) { return seen.share >= 0.7 && seen.longest_wait <= 150ms; };
    EXPECT_TRUE(good(best_of_three(good, 8, one_millisecond)));
}

TEST(fairness, of_4_programs_with_holds_of_20_us)
{
    const auto good = [](const fairness& seen) { return seen.longest_wait <= 100ms; };
    EXPECT_TRUE(good(best_of_three(good, 4, twenty_microseconds)));
}

TEST(fairness, beside_a_python_program_nobody_waits_a_second)
{
    NEEDS_PYTHON;
    const auto good = [](const fairness& seen) {
        return seen.timeouts == 0 && seen.python.ends_with(" 0 0") && !seen.python.starts_with("0 ") &&
               seen.longest_wait < 1s;
    };
    EXPECT_TRUE(good(best_of_three(good, 4, one_millisecond, true)));
}
