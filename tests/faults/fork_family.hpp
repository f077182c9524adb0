#pragma once

#include <ostream>
#include <span>

namespace test {

/// A way in which the owner of a lock gets a child.
struct way {
    const char* name;
    void (*make_child)();
    bool inherits_the_object;

    friend std::ostream& operator<<(std::ostream& out, const way& value) { return out << value.name; }
};

std::span<const way> ways();

/// The role of the owner, with the arguments LOCK WAY: takes the lock and makes a child, which says "child
/// PID good", or what is wrong instead, and lives until standard input has a line or ends. Then SIGUSR1 asks
/// whether the owner holds the lock still, SIGUSR2 lets it release.
constexpr const char* fork_family_owner = "fork_family_owner";

} // namespace test
