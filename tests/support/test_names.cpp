#include "test_names.hpp"

#include <atomic>

#include <unistd.h>

namespace test {

lock_name::lock_name(const std::string& hint)
{
    static std::atomic<int> count{0};
    name_ = "test-" + hint + "-" + std::to_string(getpid()) + "-" + std::to_string(++count);
    remove();
}

lock_name::~lock_name() { remove(); }

void lock_name::remove() const
{
    unlink(info_path().c_str());
    unlink(semaphore_path().c_str());
}

} // namespace test
