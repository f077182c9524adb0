#include "lock_evidence.hpp"

#include "byte_lock.hpp"
#include "descriptor.hpp"
#include "lock_name.hpp"
#include "people.hpp"
#include "shell_word.hpp"
#include "utf8.hpp"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

namespace resourcelock::cli {

namespace {

/// Fills as much as the file has. What lies behind its end stays as it was.
void fill(std::span<std::byte> memory, const descriptor& file)
{
    for (off_t at = 0; !memory.empty();) {
        const auto got = pread(file.get(), memory.data(), memory.size(), at);
        if (got <= 0)
            return;
        memory = memory.subspan(static_cast<std::size_t>(got));
        at += got;
    }
}

[[noreturn]] void fail(int error, const std::string& name, const struct stat& status, const std::string& path)
{
    throw std::system_error{error, std::system_category(),
                            fmt::format("cannot read {}, which belongs to user {}, group {}, mode {:04o}; "
                                        "try: sudo {}",
                                        path, user_name(status.st_uid), group_name(status.st_gid),
                                        status.st_mode & 07777U, command_line(name, "doctor"))};
}

void note_status(shm_file& file, const struct stat& status)
{
    file.exists = true;
    file.regular = S_ISREG(status.st_mode);
    file.device = status.st_dev;
    file.inode = status.st_ino;
    file.user = status.st_uid;
    file.group = status.st_gid;
    file.mode = status.st_mode & 07777U;
    file.size = status.st_size;
}

/// Opens the file and calls `read` with it, if it is there and is a file.
template <class Read>
shm_file look_at_file(const std::string& name, const std::string& path, const Read& read)
{
    shm_file file{.path = path};
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0)
        return file;
    note_status(file, status);
    if (!file.regular)
        return file;
    // O_NONBLOCK: a named pipe in place of the file would keep us waiting.
    const descriptor opened{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!opened.is_open() && errno == ENOENT)
        return {.path = path};
    if (!opened.is_open())
        fail(errno, name, status, path);
    if (fstat(opened.get(), &status) == 0) // another file than before has come there: look at what we have
        note_status(file, status);
    read(opened, file);
    return file;
}

void read_semaphore(const descriptor& file, lock_evidence& evidence)
{
    sem_t semaphore{};
    fill(std::as_writable_bytes(std::span{&semaphore, 1}), file);
    int count = 0;
    sem_getvalue(&semaphore, &count);
    evidence.count = count;
#if defined(__GLIBC__) && __WORDSIZE == 64
    std::uint64_t count_and_waiters = 0; // glibc's nptl/sem_waitcommon.c: waiters in the upper half
    std::memcpy(&count_and_waiters, &semaphore, sizeof count_and_waiters);
    evidence.waiters = static_cast<unsigned>(count_and_waiters >> 32U);
#endif
}

std::optional<word_owner> owner_in(const owner_facts& facts, owner_token token)
{
    if (token == 0 || facts.token.load() != token)
        return std::nullopt;
    return word_owner{.pid = static_cast<pid_t>(facts.pid.load()),
                      .uid = facts.uid.load(),
                      .program = valid_utf8(facts.program()),
                      .since = static_cast<std::time_t>(facts.since.load() / 1'000'000'000U)};
}

void read_segment(const descriptor& file, lock_evidence& evidence)
{
    segment copy{};
    fill(std::as_writable_bytes(std::span{&copy, 1}), file);
    const auto& record = copy.record;
    evidence.magic = record.magic.load();
    evidence.word = owner_word{record.word.load()};
    if (!evidence.magic_is_known())
        evidence.word = {};
    evidence.owner = owner_in(record.facts, evidence.word.who());
    evidence.owner_lives = evidence.word.valid() && evidence.word.who() != 0 &&
                           byte_is_locked(file.get(), static_cast<off_t>(evidence.word.who()));
    evidence.text = copy.text.load_stamp();
    evidence.text_is_owners =
        evidence.text == record.ref_b.load() || record.is_other_own_text(evidence.text, evidence.word.what());
    evidence.info = valid_utf8(copy.text.read());
    if (evidence.record_is_good()) {
        evidence.acquisitions = record.acquisitions.load();
        evidence.contended = record.contended.load();
        evidence.recoveries = record.recoveries.load();
    }
}

} // namespace

bool lock_evidence::same_as(const lock_evidence& other) const noexcept
{
    return semaphore == other.semaphore && segment == other.segment && count == other.count &&
           magic == other.magic && word == other.word && owner_lives == other.owner_lives &&
           text == other.text;
}

lock_evidence look_at_lock(const std::string& name)
{
    lock_evidence evidence;
    evidence.segment = look_at_file(name, segment_path(name),
                                    [&](const auto& file, const shm_file&) { read_segment(file, evidence); });
    evidence.semaphore =
        look_at_file(name, semaphore_path(name), [&](const auto& file, const shm_file& status) {
            if (status.size == static_cast<off_t>(sizeof(sem_t)))
                read_semaphore(file, evidence);
        });
    return evidence;
}

} // namespace resourcelock::cli
