#include "witness.hpp"

#include "byte_lock.hpp"

#include <cerrno>
#include <mutex>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/random.h>

namespace resourcelock {

namespace {

constexpr owner_token lowest_token = owner_token{1} << 60U;
constexpr off_t unget_byte = off_t{1} << 61U; // behind every token's byte

bool take_byte(int fd, off_t at) noexcept
{
    auto lock = byte_lock(at);
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

[[noreturn]] void fail(int error, const char* what)
{
    throw std::system_error{error, std::system_category(), what};
}

/// A child that is forked while a witness is being made would get its descriptor, and prolong the proof: no
/// fork() passes meanwhile. A child made by clone(2) itself is not held back; whoever does that beside other
/// threads may only exec.
///
/// qemu-user says yes to every madvise and does nothing, so that a forked child inherits the mapping; it has
/// to be unmapped there by hand. On a kernel this must not be done: the child has a hole there, and maybe
/// somebody else's mapping in it by then.
class forks {
public:
    static forks& all()
    {
        static auto* const one = new forks; // never destroyed: locks may outlive static objects
        return *one;
    }
    [[nodiscard]] std::unique_lock<std::mutex> hold_back() { return std::unique_lock{mutex_}; }

    /// Those that a child has to unmap; while forks are held back.
    std::vector<void*> inherited_mappings;

private:
    forks()
    {
        pthread_atfork([] { all().mutex_.lock(); }, [] { all().mutex_.unlock(); },
                       [] {
                           for (void* const mapping : all().inherited_mappings)
                               munmap(mapping,
                                      segment_size); // unmap only: unlocking would free the parent's byte
                           all().inherited_mappings.clear();
                           all().mutex_.unlock();
                       });
    }
    std::mutex mutex_;
};

// Not at the first lock: fork() while another thread makes it there would leave a child that waits for ever.
const bool forks_are_known = (forks::all(), true);

bool advice_is_ignored(void* page) noexcept
{
    constexpr int no_such_advice = -1;
    return madvise(page, segment_size, no_such_advice) == 0;
}

} // namespace

witness::witness(const shared_objects& objects) : process_{make_process_mark()}
{
    const auto no_fork = forks::all().hold_back();
    const auto fd = objects.open_segment();
    if (!fd.is_open())
        fail(errno, "cannot open the lock's segment again; construct the lock anew");
    constexpr int most_collisions = 100; // of 60 random bits: the first one is a wonder
    for (int collisions = 0;; ++collisions) {
        if (getrandom(&token_, sizeof token_, 0) != static_cast<ssize_t>(sizeof token_))
            fail(errno, "cannot get a random number for the lock's token");
        token_ = lowest_token | (token_ & (lowest_token - 1));
        if (take_byte(fd.get(), static_cast<off_t>(token_)))
            break;
        if (errno != EAGAIN && errno != EACCES) // else another object has this very token: pick again
            fail(errno, "cannot lock a byte of the lock's segment");
        if (collisions == most_collisions)
            fail(errno, "somebody has locked the whole file of the lock's segment; `lslocks` shows who");
    }
    void* const mapping = mmap(nullptr, segment_size, PROT_NONE, MAP_SHARED, fd.get(), 0);
    if (mapping == MAP_FAILED)
        fail(errno, "cannot map the lock's segment again");
    if (madvise(mapping, segment_size, MADV_DONTFORK) != 0) {
        const int error = errno;
        munmap(mapping, segment_size);
        fail(error, "cannot keep the lock's witness out of forked children");
    }
    if (advice_is_ignored(mapping))
        forks::all().inherited_mappings.push_back(mapping);
    mapping_ = mapping;
}

witness::~witness()
{
    if (inherited())
        return;
    if (advice_is_ignored(mapping_)) {
        const auto no_fork = forks::all().hold_back();
        std::erase(forks::all().inherited_mappings, mapping_);
    }
    munmap(mapping_, segment_size);
}

life probe(const shared_objects& objects, owner_token token) noexcept
{
    const auto fd = objects.open_segment();
    return !fd.is_open() || byte_is_locked(fd.get(), static_cast<off_t>(token)) ? life::alive : life::dead;
}

bool lock_unget_byte(const descriptor& file) noexcept { return take_byte(file.get(), unget_byte); }

void unlock_unget_byte(const descriptor& file) noexcept
{
    auto lock = byte_lock(unget_byte, F_UNLCK);
    fcntl(file.get(), F_OFD_SETLK, &lock);
}

} // namespace resourcelock
