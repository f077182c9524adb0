#include "fuzz_support.hpp"
#include "raw_lock.hpp"
#include "segment.hpp"
#include "utf8.hpp"

#include <resourcelock/resource_lock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// A libFuzzer target: a segment full of anything, in the hands of an object that was opened before and of
/// one that is opened after. Every call that reads, then a get, an unget, and a forced unget; in the end the
/// lock has to work. `ctest --preset asan -R segment_fuzz` runs it for 30 s.
///
/// An input: the semaphore's count, what the segment is before the garbage (`base`), flags, and where the
/// garbage begins, in units of 16 bytes; all else is the garbage.
namespace {

using namespace std::chrono_literals;
using resourcelock::owner_record;
using resourcelock::owner_word;
using resourcelock::phase;
using resourcelock::resource_lock;
using test::require;
using test::within;

constexpr auto short_wait = 1ms;
constexpr auto longest_forced_unget = 1s;

enum class base : unsigned {
    zeros,
    live_hold,
    dead_hold,
    dead_acquire,
    detached,
    python_hold,
    last = python_hold
};

struct input {
    unsigned count = 0;
    base under = base::zeros;
    bool waits = false;         ///< the get has a timeout that is not zero
    bool sets_info = false;     ///< somebody who does not hold the lock replaces the text before the get
    std::size_t at = 0;         ///< where the garbage begins
    std::string_view garbage{}; ///< up to the end of the segment

    explicit input(std::string_view bytes)
    {
        const auto next = [&] {
            const auto byte = bytes.empty() ? '\0' : bytes.front();
            bytes.remove_prefix(bytes.empty() ? 0 : 1);
            return static_cast<unsigned>(static_cast<unsigned char>(byte));
        };
        count = next() % 3;
        under = static_cast<base>(next() % (static_cast<unsigned>(base::last) + 1));
        const auto flags = next();
        waits = (flags & 1U) != 0;
        sets_info = (flags & 2U) != 0;
        at = next() * std::size_t{16};
        garbage = bytes.substr(0, test::raw_lock::size - at);
    }
};

void check_looks(resource_lock& lock)
{
    const auto state = lock.state();
    require(state.value >= 0 && state.value <= 2, "the count is one that was set");
    require(!state.owner || state.locked, "only a locked lock has an owner");
    require(!state.owner || (test::is_utf8(state.owner->comm) && state.owner->comm.size() <= 3 * 16),
            "the owner's name is short UTF-8");
    const auto info = lock.get_lock_info();
    require(test::is_utf8(info) && test::is_utf8(state.info), "the text is UTF-8");
    require(test::characters(info) <= resourcelock::text_area_size, "the text ends where the record begins");
    require(info.find('\0') == std::string::npos, "the text ends at its NUL");
    const auto line = resourcelock::printable(info);
    require(std::none_of(line.begin(), line.end(),
                         [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
            "no control character gets into a log");
    require(lock.lock_value() >= 0 && lock.lock_value() <= 2, "the count is one that was set");
    require(lock.is_locked() || lock.lock_value() > 0, "a lock with no unit is locked");
    static_cast<void>(lock.recovered());
    std::error_code error;
    lock.check_hold(error);
    require(!error == lock.I_have_the_lock(), "check_hold and I_have_the_lock agree");
}

class world {
public:
    world()
    {
        test::remove_at_the_end(name_);
        before_.emplace(name_);
        raw_.emplace(name_);
        require(before_->get_lock({.timeout = 0s}), "a new lock is free");
        token_ = owner_word{shared().record.word.load()}.who();
    }

    void run(const input& in)
    {
        clear();
        lay_base(in.under);
        lay_garbage(in);
        if (imitates_a_step_of_a_living_object())
            return; // bars everybody while that object lives, and a forced unget takes a second to give up
        resource_lock after{name_};
        check(in, after);
        check_that_force_mends(after);
    }

private:
    [[nodiscard]] resourcelock::segment& shared() const
    {
        return *static_cast<resourcelock::segment*>(raw_->segment());
    }

    void clear()
    {
        raw_->write(0, std::string(test::raw_lock::size, '\0'));
        raw_->set_count(1);
        before_->unget_lock();
    }

    void set_text(std::string_view text)
    {
        resourcelock::info_text fitting;
        fitting.assign(text);
        shared().text.write(fitting);
        shared().record.ref_b.store(fitting.head());
    }

    void lay_base(base what)
    {
        auto& record = shared().record;
        constexpr auto nobody = (std::uint64_t{1} << 60U) + 7;
        const auto lay = [&](phase its, std::string_view text) {
            record.magic.store(owner_record::version_1);
            record.word.store(owner_word{its, nobody}.bits());
            record.facts.token.store(nobody);
            set_text(text);
        };
        switch (what) {
        case base::zeros:
            break;
        case base::live_hold:
            require(before_->get_lock({.timeout = 0s, .lock_info = "live"}), "a zeroed lock is free");
            break;
        case base::dead_hold:
            lay(phase::held, "2025-11-06 10:38:11.545309 - dead");
            break;
        case base::dead_acquire: // its grace is over
            lay(phase::acquiring, "2025-11-06 10:38:11.545309 - dead");
            record.grace.word.store(record.word.load());
            record.grace.text.store(shared().text.load_stamp());
            record.grace.start.store(1);
            break;
        case base::detached:
            lay(phase::detached, "2025-11-06 10:38:11.545309 - detached");
            break;
        case base::python_hold:
            set_text("2025-11-06 10:38:11.545309 - Python");
            record.ref_b.store({});
            break;
        }
        held_ = shared().text.load_stamp();
    }

    void lay_garbage(const input& in)
    {
        auto bytes = raw_->read(0, test::raw_lock::size);
        bytes.replace(in.at, in.garbage.size(), in.garbage);
        raw_->write(0, bytes);
        raw_->set_count(in.count);
    }

    [[nodiscard]] bool imitates_a_step_of_a_living_object() const
    {
        const owner_word word{shared().record.word.load()};
        return word.who() == token_ &&
               (word.is(phase::waiting) || word.is(phase::acquiring) || word.is(phase::releasing));
    }

    /// Whether the owner is unknown: "A record that is not ours" in docs/protocol.md.
    [[nodiscard]] bool record_is_broken() const
    {
        const auto magic = shared().record.magic.load();
        return (magic != owner_record::zeros && magic != owner_record::version_1) ||
               !owner_word{shared().record.word.load()}.valid();
    }

    void check(const input& in, resource_lock& after)
    {
        check_looks(*before_);
        check_looks(after);
        std::error_code refused;
        if (in.sets_info)
            after.set_lock_info(in.garbage, refused);
        const bool broken = record_is_broken();
        const auto record = raw_->record();
        const auto wait = in.waits ? std::chrono::nanoseconds{short_wait} : 0ns;
        const bool got = within(wait, "a get ends with its timeout",
                                [&] { return after.get_lock({.timeout = wait, .lock_info = in.garbage}); });
        if (got) {
            require(!broken || in.count > 0, "nobody gets what the semaphore says is taken");
            check_hold(after);
        } else if (broken) {
            require(in.count == 0, "a broken record keeps nobody from a free semaphore");
            require(raw_->record() == record, "only who gets the lock makes its record anew");
            check_unget_without_record(in);
        } else {
            before_->unget_lock();
        }
        check_looks(*before_);
        check_looks(after);
    }

    void check_hold(resource_lock& after)
    {
        require(after.I_have_the_lock() && after.lock_value() == 0, "who gets the lock has it");
        check_looks(after);
        require(!before_->unget_lock() && after.I_have_the_lock(), "somebody else's unget changes nothing");
        require(after.unget_lock() && after.lock_value() == 1, "its unget releases it");
    }

    void check_unget_without_record(const input& in)
    {
        const auto text = shared().text.load_stamp();
        const bool own = text == held_ || !text.is_time();
        const bool released = before_->unget_lock();
        require(released == (in.under == base::live_hold && own),
                "a holder without a record goes by its text");
        require(before_->lock_value() == (released ? 1 : 0), "and posts what it had");
    }

    static void check_that_force_mends(resource_lock& after)
    {
        within(longest_forced_unget, "a forced unget ends",
               [&] { return after.unget_lock({.force = true}); });
        require(after.get_lock({.timeout = 0s}), "after a forced unget the lock is free");
        require(after.I_have_the_lock() && after.lock_value() == 0, "and works");
        require(after.unget_lock() && after.lock_value() == 1 && !after.is_locked(), "as ever");
    }

    std::string name_ = "test-fuzz-" + std::to_string(getpid());
    std::optional<resource_lock> before_;
    std::optional<test::raw_lock> raw_;
    resourcelock::owner_token token_ = 0;
    resourcelock::stamp held_{};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static world the_world;
    the_world.run(input{{reinterpret_cast<const char*>(data), size}});
    return 0;
}
