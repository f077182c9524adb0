#include "fork_mark.hpp"

#include <atomic>
#include <cerrno>
#include <system_error>

#include <sys/mman.h>
#include <unistd.h>

namespace resourcelock {

namespace {

using mark = std::atomic<std::uint64_t>;

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

mark* make_page()
{
    const auto size = page_size();
    void* const page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        throw std::system_error{errno, std::system_category(),
                                "no memory for a page that tells forked children"};
    if (madvise(page, size, MADV_WIPEONFORK) != 0) {
        const int error = errno;
        munmap(page, size);
        throw std::system_error{error, std::system_category(),
                                "this kernel has no MADV_WIPEONFORK; it needs Linux 4.14 or newer"};
    }
    return static_cast<mark*>(page); // zero bytes are a valid atomic 0
}

std::atomic<std::uint64_t> generation{
    0}; // copied, not emptied, by fork: larger in the child's next mark than in ours

constinit mark no_mark{0};

} // namespace

constinit std::atomic<mark*> fork_mark_page{&no_mark};

namespace {

/// Not a static variable of the function: fork() while another thread makes it would leave a child that waits
/// for ever.
mark* the_page()
{
    auto* present = fork_mark_page.load(std::memory_order_acquire);
    if (present != &no_mark)
        return present;
    auto* const made = make_page();
    if (fork_mark_page.compare_exchange_strong(present, made))
        return made;
    munmap(made, page_size()); // another thread was faster
    return present;
}

} // namespace

std::uint64_t make_process_mark()
{
    mark* const page = the_page();
    std::uint64_t found = page->load(std::memory_order_acquire);
    if (found == 0) {
        const auto fresh = generation.fetch_add(1) + 1;
        if (page->compare_exchange_strong(found, fresh))
            found = fresh;
    }
    return found;
}

} // namespace resourcelock
