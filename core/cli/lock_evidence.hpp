#pragma once

#include "owner_word.hpp"
#include "segment.hpp"

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include <sys/types.h>

/// What a lock's two files say, for those who only look. The library itself cannot look without a trace: it
/// makes a missing lock, and frees that of a dead holder. Here both files are opened to be read, nothing is
/// mapped and nothing is locked, so the one who looks is not in the picture.
namespace resourcelock::cli {

/// One of the two files in /dev/shm.
struct shm_file {
    std::string path;
    bool exists = false;
    bool regular = false; ///< false also: it does not exist
    dev_t device = 0;
    ino_t inode = 0;
    uid_t user = 0;
    gid_t group = 0;
    mode_t mode = 0;
    off_t size = 0;

    friend bool operator==(const shm_file&, const shm_file&) noexcept = default;
};

/// Who wrote the owner word, as it wrote itself down.
struct word_owner {
    pid_t pid = 0;
    uid_t uid = 0;
    std::string program;
    std::time_t since = 0;
};

struct lock_evidence {
    shm_file semaphore;
    shm_file segment;

    /// Nullopt when the file is no semaphore of this program's word size.
    std::optional<int> count;
    /// How many sleep inside the semaphore by glibc's own count, which a killed sleeper leaves too high for
    /// ever. The newer layout of 64-bit machines only; elsewhere 0.
    unsigned waiters = 0;

    std::uint32_t magic = owner_record::zeros;
    owner_word word;
    std::optional<word_owner> owner; ///< of `word`; nullopt when it has not written its facts yet
    bool owner_lives = false;        ///< whether the kernel still holds the witness of `word`'s token
    stamp text;
    bool text_is_owners =
        false;        ///< one of the word's owner: if not, a Python program took the semaphore after it
    std::string info; ///< the text, UTF-8

    // What C++ programs counted since the files were made.
    std::uint64_t acquisitions = 0;
    std::uint64_t contended = 0; ///< acquisitions that had to wait
    std::uint64_t recoveries = 0;

    [[nodiscard]] bool complete() const noexcept { return semaphore.exists && segment.exists; }
    [[nodiscard]] bool magic_is_known() const noexcept { return owner_record::is_good(magic, {}); }
    [[nodiscard]] bool record_is_good() const noexcept { return owner_record::is_good(magic, word); }
    /// Whether nobody took, gave back or replaced the lock between this look and that one.
    [[nodiscard]] bool same_as(const lock_evidence& other) const noexcept;
};

/// Looks at the lock called `name` (a checked one), at one file after the other: who takes the lock in
/// between may look like one who has the semaphore without the word, which two equal looks exclude. Files
/// that do not exist are evidence too; one that may not be read throws `std::system_error` with its errno and
/// a sentence that says what to do.
lock_evidence look_at_lock(const std::string& name);

} // namespace resourcelock::cli
