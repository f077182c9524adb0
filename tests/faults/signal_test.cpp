#include "test_names.hpp"

#include <resourcelock/resource_lock.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>
#include <thread>

#include <pthread.h>
#include <semaphore.h>

/// A program whose system calls are interrupted all the time gets the same answers, after the same time.
namespace {

using namespace resourcelock;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// A signal to the thread that makes it, every 100 us, which restarts no system call.
class signal_storm {
public:
    signal_storm()
    {
        seen_ = 0;
        struct sigaction action {};
        action.sa_handler = [](int) { ++seen_; };
        sigaction(SIGUSR1, &action, &before_);
        sender_ = std::jthread{[target = pthread_self()](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                pthread_kill(target, SIGUSR1);
                std::this_thread::sleep_for(100us);
            }
        }};
    }
    ~signal_storm()
    {
        sender_ = {};
        sigaction(SIGUSR1, &before_, nullptr);
        EXPECT_GT(seen_, 20) << "that was no storm";
    }
    signal_storm(const signal_storm&) = delete;
    signal_storm& operator=(const signal_storm&) = delete;

private:
    static inline std::atomic<int> seen_{0};
    struct sigaction before_ {};
    std::jthread sender_;
};

/// Somebody who has the lock, until release().
struct holder {
    virtual ~holder() = default;
    virtual void release() = 0;
};

class cpp_holder : public holder {
public:
    explicit cpp_holder(const std::string& lock_name) : lock_{lock_name} { EXPECT_TRUE(lock_.get_lock()); }
    void release() override { EXPECT_TRUE(lock_.unget_lock()); }

private:
    resource_lock lock_;
};

/// As a Python program: has the semaphore and knows of no owner word.
class python_like_holder : public holder {
public:
    explicit python_like_holder(const std::string& lock_name)
        : semaphore_{sem_open(("/" + lock_name).c_str(), 0)}
    {
        EXPECT_EQ(sem_trywait(semaphore_), 0);
    }
    ~python_like_holder() override { sem_close(semaphore_); }
    void release() override { EXPECT_EQ(sem_post(semaphore_), 0); }

private:
    sem_t* semaphore_;
};

struct kind_of_holder {
    const char* name;
    std::unique_ptr<holder> (*make)(const std::string& lock_name);

    friend std::ostream& operator<<(std::ostream& out, const kind_of_holder& kind)
    {
        return out << kind.name;
    }
};

template <class Holder>
std::unique_ptr<holder> make(const std::string& lock_name)
{
    return std::make_unique<Holder>(lock_name);
}

constexpr kind_of_holder kinds[] = {
    {"cpp_holder", make<cpp_holder>},
    {"python_like_holder", make<python_like_holder>},
};

const auto name_of_the_kind = [](const testing::TestParamInfo<kind_of_holder>& kind) {
    return kind.param.name;
};

class signals_behind : public testing::TestWithParam<kind_of_holder> {
protected:
    void expect_a_free_lock()
    {
        EXPECT_EQ(lock_.lock_value(), 1);
        EXPECT_FALSE(lock_.is_locked());
        resource_lock another{name_};
        EXPECT_TRUE(another.get_lock({.timeout = 0s}));
        EXPECT_FALSE(another.recovered());
    }

    test::lock_name name_{"signals"};
    resource_lock lock_{name_};
    std::unique_ptr<holder> holder_ = GetParam().make(name_);
};

} // namespace

TEST_P(signals_behind, neither_end_nor_lengthen_a_wait_in_vain)
{
    const auto start = steady_clock::now();
    {
        const signal_storm storm;
        EXPECT_FALSE(lock_.get_lock({.timeout = 500ms}));
    }
    const auto took = steady_clock::now() - start;
    EXPECT_GE(took, 500ms);
    EXPECT_LT(took, 5s);

    holder_->release();
    expect_a_free_lock();
}

TEST_P(signals_behind, leave_a_wait_its_success)
{
    std::atomic<bool> released{false};
    const std::jthread releaser{[&] {
        std::this_thread::sleep_for(200ms);
        released = true;
        holder_->release();
    }};
    {
        const signal_storm storm;
        EXPECT_TRUE(lock_.get_lock({.timeout = 20s}));
    }
    EXPECT_TRUE(released);
    EXPECT_TRUE(lock_.unget_lock());
    expect_a_free_lock();
}

INSTANTIATE_TEST_SUITE_P(a, signals_behind, testing::ValuesIn(kinds), name_of_the_kind);

TEST(signals, change_nothing_in_a_loop_of_gets_and_ungets)
{
    const test::lock_name name{"signals"};
    resource_lock lock{name};
    {
        std::jthread rival{[&](const std::stop_token& stop) {
            resource_lock own{name};
            while (!stop.stop_requested()) {
                EXPECT_TRUE(own.get_lock({.timeout = 20s}));
                EXPECT_TRUE(own.unget_lock());
            }
        }};
        const signal_storm storm;
        for (const auto end = steady_clock::now() + 1s; steady_clock::now() < end;) {
            EXPECT_TRUE(lock.get_lock({.timeout = 20s}));
            EXPECT_FALSE(lock.recovered());
            EXPECT_TRUE(lock.unget_lock());
        }
    }
    EXPECT_EQ(lock.lock_value(), 1);
    EXPECT_FALSE(lock.is_locked());
}

TEST(signals, do_not_keep_a_lock_from_being_opened)
{
    const test::lock_name name{"signals"};
    const signal_storm storm;
    for (const auto end = steady_clock::now() + 1s; steady_clock::now() < end;)
        EXPECT_NO_THROW(resource_lock{name});
}

TEST(signals, do_not_keep_a_lock_from_being_created)
{
    const signal_storm storm;
    for (const auto end = steady_clock::now() + 1s; steady_clock::now() < end;) {
        const test::lock_name name{"signals"};
        EXPECT_NO_THROW(resource_lock{name});
    }
}

TEST(signals, do_not_keep_a_lock_from_a_forced_unget)
{
    const test::lock_name name{"signals"};
    resource_lock holder{name};
    resource_lock lock{name};
    const signal_storm storm;
    for (const auto end = steady_clock::now() + 1s; steady_clock::now() < end;) {
        EXPECT_TRUE(holder.get_lock());
        EXPECT_TRUE(lock.unget_lock({.force = true}));
        EXPECT_FALSE(lock.is_locked());
    }
}
