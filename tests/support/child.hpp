#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

/// Other processes for tests. A test program starts itself again in a *role*; the two talk in lines over
/// pipes, so that tests wait for events and not for time.
namespace test {

using namespace std::chrono_literals;

/// Longest wait for anything a test expects to happen at all. Generous: it only ends tests that hang.
constexpr auto deadline = 30s;

/// A role: what the other process does. Define it at namespace scope:
/// `const test::role hold{"hold", [](const std::vector<std::string>& args) { ...; return 0; }};`
struct role {
    using body = std::function<int(const std::vector<std::string>& args)>;
    role(std::string name, body run);
};

/// In a role: says a line to the test, and waits for a line from it (nullopt: the test has gone).
void say(const std::string& line);
std::optional<std::string> hear();

/// A process of the test's own. Killed when the object ends, so that no failed test leaves one behind.
class child {
public:
    /// Starts this test program in a role.
    static child in_role(const std::string& name, const std::vector<std::string>& args = {});
    /// Starts any program; `command[0]` is searched in PATH. Its standard error joins the test's own, unless
    /// `keep_errors`: then it joins its standard output.
    static child of(const std::vector<std::string>& command, bool keep_errors = false);

    child(child&& other) noexcept;
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    child& operator=(child&&) = delete;
    ~child();

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Next line of its standard output; nullopt when it ended or the time is over.
    std::optional<std::string> line(std::chrono::milliseconds within = deadline);
    /// Everything up to the end of its standard output.
    std::string rest(std::chrono::milliseconds within = deadline);
    /// A line to its standard input.
    void tell(const std::string& text);
    void signal(int number) const;
    /// Waits for the end: the exit code, or 128 + the signal's number; nullopt when the time is over.
    std::optional<int> wait(std::chrono::milliseconds within = deadline);
    /// SIGKILL, and waits for the end.
    void kill();

private:
    child(pid_t pid, int to, int from) : pid_{pid}, to_{to}, from_{from} {}
    bool fill(std::chrono::steady_clock::time_point end);

    pid_t pid_;
    int to_;
    int from_;
    std::string unread_;
    std::optional<int> exit_code_;
};

} // namespace test
