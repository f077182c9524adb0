#include <resourcelock/lock_errc.hpp>

#include <string>

namespace resourcelock {

namespace {

class lock_category_type final : public std::error_category {
public:
    // Written out: g++ 14 makes no constant by a default one of a class whose destructor is none.
    constexpr lock_category_type() noexcept {} // NOLINT(modernize-use-equals-default)

    [[nodiscard]] const char* name() const noexcept override { return "resourcelock"; }

    [[nodiscard]] std::string message(int value) const override
    {
        switch (static_cast<lock_errc>(value)) {
        case lock_errc::bad_name:
            return "bad lock name";
        case lock_errc::bad_option:
            return "option outside its limits";
        case lock_errc::other_word_size:
            return "semaphore of another word size";
        case lock_errc::lock_replaced:
            return "somebody removed the lock's files in /dev/shm; construct the lock anew";
        case lock_errc::lock_lost:
            return "somebody released the lock that this program held";
        case lock_errc::closed:
            return "the lock object is closed; construct a new one";
        case lock_errc::used_after_fork:
            return "the lock object was inherited through fork(); construct one in the child";
        case lock_errc::not_the_holder:
            return "only the lock's holder may set an info that begins with a date and time (begin it "
                   "otherwise), and nobody one in place of that of a Python program which took the lock "
                   "after a forced unget";
        case lock_errc::broken_semaphore:
            return "broken semaphore";
        }
        return "unknown error";
    }
};

// Not within the function: fork() while another thread makes it there would leave a child that waits for
// ever.
constinit const lock_category_type the_lock_category{};

} // namespace

const std::error_category& lock_category() noexcept { return the_lock_category; }

} // namespace resourcelock
