#include "arena.hpp"
#include "figure.hpp"
#include "garbage.hpp"
#include "peers.hpp"

#include <chrono>
#include <cstdint>
#include <list>
#include <random>
#include <string>
#include <thread>
#include <vector>

/// Somebody writes garbage over a lock that others use. What can be promised then, and what not, stands in
/// docs/protocol.md, "A record that is not ours".
namespace {

using namespace std::chrono_literals;
using resourcelock::resource_lock;
using test::garbage;
using test::raw_lock;
using clock_type = std::chrono::steady_clock;

constexpr auto quiet = 300ms;

/// None of it can pass for a lock of ours.
std::vector<garbage> harmless_garbage()
{
    auto all = test::broken_records();
    all.push_back({"text_all_ones", 0, test::repeated("\xff", raw_lock::record_at)});
    all.push_back(
        {"overlong_text", 0, test::repeated("a", raw_lock::size)}); // with a word that is impossible
    return all;
}

class among_workers : public testing::TestWithParam<garbage> {
protected:
    void start_workers(std::chrono::nanoseconds longest_hold)
    {
        const test::work how{.shortest_hold = 0us, .longest_hold = longest_hold, .timeout = timeout};
        for (std::uint64_t identity = 1; identity <= 3; ++identity)
            workers_.emplace_back(name_, *arena_, identity, how);
    }

    void write_garbage() { raw_.write(GetParam().at, GetParam().bytes); }

    /// Garbage at random moments.
    void write_garbage_for(std::chrono::nanoseconds length)
    {
        std::minstd_rand random{1};
        std::uniform_int_distribution<int> gap{0, 300};
        const auto end = clock_type::now() + length;
        while (clock_type::now() < end) {
            for (int i = 0; i < 20; ++i) {
                write_garbage();
                std::this_thread::sleep_for(std::chrono::microseconds{gap(random)});
            }
            expect_entries();
        }
    }

    /// Garbage that hit somebody in the middle of a step may leave the lock taken for ever; then it is freed
    /// by force.
    void expect_entries()
    {
        const auto end = clock_type::now() + test::deadline;
        const auto entries = arena_->entries.load();
        const auto somebody_entered = [&] { return arena_->entries > entries; };
        while (!test::becomes_true(somebody_entered, quiet)) {
            ASSERT_LT(clock_type::now(), end) << "nobody gets the lock any more";
            if (everybody_asks_in_vain())
                free_by_force();
        }
    }

    /// Nobody is in a hold and only slow.
    bool everybody_asks_in_vain()
    {
        std::vector<std::uint64_t> before;
        for (std::size_t i = 0; i < workers_.size(); ++i)
            before.push_back(arena_->shares.at(i).gets);
        const auto entries = arena_->entries.load();
        const auto all_asked_again = [&] {
            for (std::size_t i = 0; i < before.size(); ++i)
                if (arena_->shares.at(i).gets < before[i] + 2)
                    return false;
            return true;
        };
        return test::becomes_true(all_asked_again, quiet) && arena_->entries == entries;
    }

    void free_by_force()
    {
        resource_lock lock{name_};
        test::within(1s, [&] { return lock.unget_lock({.force = true}); });
        ++forced_;
    }

    void end_workers()
    {
        arena_->stop = 1;
        for (auto& worker : workers_)
            worker.join();
    }

    void expect_that_nobody_met_another_or_hung()
    {
        EXPECT_EQ(arena_->violations, 0U);
        EXPECT_EQ(arena_->errors, 0U);
        for (const auto& share : arena_->shares)
            EXPECT_LT(std::chrono::nanoseconds{share.longest_wait.load()}, timeout + test::slack);
    }

    static constexpr auto timeout = 20ms;
    test::lock_name name_{"garbage"};
    resource_lock holder_{name_};
    raw_lock raw_{name_};
    test::shared_arena arena_;
    std::list<test::worker> workers_;
    int forced_ = 0;
};

} // namespace

TEST_P(among_workers, garbage_at_any_moment_lets_no_two_in_and_hangs_nobody)
{
    start_workers(20us);
    write_garbage_for(1s);
    for (int i = 0; i < 10; ++i)
        expect_entries();
    end_workers();

    test::figure() << arena_->entries << " entries, " << arena_->lost << " lost, " << forced_
                   << " freed by force\n";
    expect_that_nobody_met_another_or_hung();
    resource_lock{name_}.unget_lock({.force = true});
    test::expect_a_working_lock(name_);
}

TEST_P(among_workers, a_holder_keeps_the_lock_under_garbage_and_releases_it)
{
    ASSERT_TRUE(holder_.get_lock());
    start_workers(20us);
    const auto end = clock_type::now() + 200ms;
    while (clock_type::now() < end) {
        write_garbage();
        EXPECT_TRUE(resource_lock{name_}.is_locked());
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(arena_->entries, 0U) << "theft";
    EXPECT_GT(arena_->timeouts, 0U);

    EXPECT_TRUE(holder_.unget_lock());
    EXPECT_TRUE(test::becomes_true([&] { return arena_->entries > 10; }));
    end_workers();
    expect_that_nobody_met_another_or_hung();
    test::expect_a_working_lock(name_);
}

INSTANTIATE_TEST_SUITE_P(table, among_workers, testing::ValuesIn(harmless_garbage()), test::name_of);

TEST(garbage, that_imitates_a_step_of_a_living_object_bars_everybody_until_that_closes)
{
    const test::lock_name name{"garbage"};
    resource_lock other{name};
    resource_lock imitated{name};
    const raw_lock raw{name};
    ASSERT_TRUE(imitated.get_lock());
    auto word = raw.read(raw_lock::word_at, 8);
    constexpr unsigned acquiring = 2U << 5U;
    word[7] = static_cast<char>((static_cast<unsigned char>(word[7]) & 0x1fU) | acquiring);
    raw.write(raw_lock::word_at, word);

    EXPECT_FALSE(other.get_lock({.timeout = 20ms}));
    EXPECT_FALSE(test::within(1s, [&] { return other.unget_lock({.force = true}); }));

    imitated.close();
    EXPECT_TRUE(other.unget_lock({.force = true}));
    test::expect_a_working_lock(name);
}

TEST(garbage, that_reads_as_a_time_makes_the_holders_unget_post_nothing)
{
    const test::lock_name name{"garbage"};
    resource_lock holder{name};
    resource_lock other{name};
    ASSERT_TRUE(holder.get_lock());
    raw_lock{name}.write(0, test::repeated("2025-11-06 10:38:11.545309 - x", raw_lock::record_at));

    EXPECT_FALSE(holder.unget_lock());
    EXPECT_FALSE(other.get_lock({.timeout = 20ms}));

    EXPECT_TRUE(other.unget_lock({.force = true}));
    test::expect_a_working_lock(name);
}
