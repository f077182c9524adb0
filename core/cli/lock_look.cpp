#include "lock_look.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace resourcelock::cli {

namespace {

/// Who waits in short sleeps is counted now and then, who died in its sleep always.
unsigned always_counted_waiters(const std::string& name, unsigned counted)
{
    constexpr int looks = 10;
    for (int look = 0; look < looks && counted > 0; ++look) {
        std::this_thread::sleep_for(std::chrono::milliseconds{3});
        counted = std::min(counted, look_at_lock(name).waiters);
    }
    return counted;
}

} // namespace

lock_case steady_look(const std::string& name)
{
    constexpr int most_looks = 20;
    lock_case seen{.name = name, .evidence = look_at_lock(name), .users = {}};
    for (int look = 0; look < most_looks && !seen.steady; ++look) {
        auto again = look_at_lock(name);
        seen.steady = again.same_as(seen.evidence);
        seen.evidence = std::move(again);
    }
    return seen;
}

lock_case look_twice(const std::string& name)
{
    constexpr int most_looks = 5;
    lock_case seen{.name = name, .evidence = look_at_lock(name), .users = {}};
    for (int look = 0; look < most_looks && !seen.steady; ++look) {
        seen.users = find_users(name, seen.evidence);
        auto again = look_at_lock(name);
        seen.steady = again.same_as(seen.evidence);
        again.waiters = always_counted_waiters(name, std::min(again.waiters, seen.evidence.waiters));
        seen.evidence = std::move(again);
    }
    return seen;
}

} // namespace resourcelock::cli
