#include "bus_hold.hpp"

#include "lock_name.hpp"

#include <resourcelock/i2c_errc.hpp>
#include <resourcelock/lock_errc.hpp>

#include <map>
#include <string>
#include <utility>

#include <pthread.h>
#include <sys/stat.h>

namespace resourcelock {

namespace {

/// The holds of this program by the names of their locks, as long as somebody uses them. Its mutex is held
/// for looking and storing only: opening a lock holds others, and fork() takes all of them in an order of its
/// own.
class holds_by_name {
public:
    [[nodiscard]] std::shared_ptr<bus_hold> find(const std::string& lock_name)
    {
        const std::scoped_lock guard{mutex_};
        return all_[lock_name].lock();
    }

    /// Returns the one that stands there then: another thread may have replaced `old` meanwhile.
    std::shared_ptr<bus_hold> replace(const std::string& lock_name, const std::shared_ptr<bus_hold>& old,
                                      std::shared_ptr<bus_hold> with)
    {
        const std::scoped_lock guard{mutex_};
        std::erase_if(all_, [](const auto& entry) { return entry.second.expired(); });
        auto& entry = all_[lock_name];
        if (auto present = entry.lock(); present && present != old)
            return present;
        entry = with;
        return with;
    }

    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }

private:
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<bus_hold>> all_;
};

holds_by_name& all_holds()
{
    static auto& all = *new holds_by_name; // for buses that end after main()
    return all;
}

// A fork in the middle of a look would leave the child a mutex that nobody unlocks.
const int fork_waits =
    pthread_atfork([] { all_holds().lock(); }, [] { all_holds().unlock(); }, [] { all_holds().unlock(); });

} // namespace

std::shared_ptr<bus_hold> bus_hold::of_lock(const std::string& lock_name, const lock_options& options)
{
    auto hold = all_holds().find(lock_name);
    if (hold && hold->is_usable())
        return hold;
    return all_holds().replace(lock_name, hold, std::make_shared<bus_hold>(lock_name, options));
}

bus_hold::lock_files bus_hold::files_of(const std::string& lock_name) noexcept
{
    const auto file_at = [](const std::string& path) {
        struct stat status {};
        return stat(path.c_str(), &status) == 0 ? file_identity::of(status) : file_identity{};
    };
    return {file_at(segment_path(lock_name)), file_at(semaphore_path(lock_name))};
}

/// Whether programs that open the lock now use the same files, and it is not one that a forked child has of
/// its parent.
bool bus_hold::is_usable() const noexcept { return !is_inherited() && files_ == files_of(lock_->lockname()); }

bool bus_hold::is_inherited() const noexcept { return check() == lock_errc::used_after_fork; }

std::error_code bus_hold::take(const get_options& options) noexcept
{
    const auto state = check();
    if (is_mine()) {
        if (!state)
            ++depth_;
        return state;
    }
    // The mutex may be that of a thread which a forked child does not have.
    if (state == lock_errc::used_after_fork)
        return state;
    return begin_turn_now() ? take_in_turn(options) : take_after_a_wait(options);
}

std::error_code bus_hold::take_after_a_wait(const get_options& options) noexcept
{
    const auto now = clock::now();
    const auto limit = options.timeout.duration();
    const bool ends = limit && *limit < clock::time_point::max() - now;
    const auto end = ends ? now + *limit : clock::time_point::max();
    if (!wait_for_turn(end, options.stop))
        return make_error_code(i2c_errc::lock_timeout);
    auto rest = options;
    if (ends)
        rest.timeout = end - clock::now();
    return take_in_turn(rest);
}

std::error_code bus_hold::take_in_turn(const get_options& options) noexcept
{
    std::error_code error;
    if (!lock_ || lock_->get_lock(options, error)) {
        depth_ = 1;
        ++number_;
        return {};
    }
    end_turn();
    return error ? error : make_error_code(i2c_errc::lock_timeout);
}

void bus_hold::give_back() noexcept
{
    if (!is_mine() || --depth_ > 0 || is_inherited())
        return;
    // A hold that was lost or replaced meanwhile is nobody's to release; whoever used it has heard of that.
    std::error_code ignored;
    if (lock_)
        lock_->unget_lock({}, ignored);
    end_turn();
}

std::error_code bus_hold::check() const noexcept
{
    std::error_code error;
    if (lock_)
        lock_->check_hold(error);
    return error;
}

bool bus_hold::begin_turn_now() noexcept
{
    const std::scoped_lock guard{mutex_};
    // Those who wait go first: whoever had the last turn would starve them otherwise.
    if (waiting_ != 0 || holder_ != std::thread::id{})
        return false;
    holder_ = last_holder_ = std::this_thread::get_id();
    return true;
}

bool bus_hold::wait_for_turn(clock::time_point end, std::stop_token stop) noexcept
{
    const auto me = std::this_thread::get_id();
    std::unique_lock guard{mutex_};
    ++waiting_;
    const bool mine = turn_ended_.wait_until(guard, std::move(stop), end, [&] {
        return holder_ == std::thread::id{} && (last_holder_ != me || waiting_ == 1);
    });
    --waiting_;
    if (mine)
        holder_ = last_holder_ = me;
    else
        turn_ended_.notify_all(); // the last holder may be waiting for this thread to go first
    return mine;
}

void bus_hold::end_turn() noexcept
{
    bool somebody_waits = false;
    {
        const std::scoped_lock guard{mutex_};
        holder_ = std::thread::id{};
        somebody_waits = waiting_ != 0;
    }
    if (somebody_waits)
        turn_ended_.notify_all();
}

} // namespace resourcelock
