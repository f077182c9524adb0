#pragma once

#include <string>
#include <string_view>

namespace test {

/// The name of a lock that only this test uses; its files are removed at both ends of the test.
class lock_name {
public:
    explicit lock_name(const std::string& hint = "lock");
    ~lock_name();
    lock_name(const lock_name&) = delete;
    lock_name& operator=(const lock_name&) = delete;

    [[nodiscard]] const std::string& str() const { return name_; }
    operator const std::string&() const { return name_; }
    operator std::string_view() const { return name_; }

    [[nodiscard]] std::string info_path() const { return "/dev/shm/" + name_; }
    [[nodiscard]] std::string semaphore_path() const { return "/dev/shm/sem." + name_; }

private:
    void remove() const;
    std::string name_;
};

} // namespace test
