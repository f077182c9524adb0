#include "child.hpp"

#include <gtest/gtest.h>

#include <map>

namespace test {

namespace {
std::map<std::string, role::body>& roles()
{
    static std::map<std::string, role::body> all;
    return all;
}
} // namespace

role::role(std::string name, body run) { roles()[std::move(name)] = std::move(run); }

} // namespace test

int main(int argc, char** argv)
{
    if (argc >= 3 && std::string{argv[1]} == "--role")
        return test::roles().at(argv[2])({argv + 3, argv + argc});
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
