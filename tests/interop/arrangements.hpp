#pragma once

#include "peers.hpp"
#include "test_names.hpp"

#include <gtest/gtest.h>

/// What the programs have done when a test begins.
namespace test {

/// A Python and a C++ program have a free lock open.
class beside_python : public testing::Test {
protected:
    const lock_name name;
    peer python = peer::python(name);
    peer cpp = peer::cpp(name);
};

/// Another C++ program holds it.
class beside_a_cpp_holder : public beside_python {
protected:
    beside_a_cpp_holder() { EXPECT_EQ(holder.ask("get 1 holder"), "True"); }
    peer holder = peer::cpp(name);
};

/// The Python program holds it.
class beside_a_python_holder : public beside_python {
protected:
    beside_a_python_holder() { EXPECT_EQ(python.ask("get 1 python"), "True"); }
};

/// The Python program has just got it, and not yet written its text over that of a C++ program, which had it
/// before.
class beside_a_python_holder_without_text : public beside_python {
protected:
    beside_a_python_holder_without_text()
    {
        EXPECT_EQ(cpp.ask("get 1 history"), "True");
        EXPECT_EQ(cpp.ask("unget"), "True");
        EXPECT_EQ(python.ask("take 1"), "True");
    }
};

/// All of a free lock works: exclusion both ways, the text both ways, and recovery.
inline void expect_a_working_lock(const lock_name& name, peer& python)
{
    auto holder = peer::cpp(name);
    auto cpp = peer::cpp(name);
    ASSERT_EQ(python.ask("get 1 python"), "True");
    EXPECT_EQ(without_time(cpp.ask("info")), "python");
    EXPECT_EQ(cpp.ask("get 0.4 cpp"), "False");
    ASSERT_EQ(python.ask("unget"), "True");
    ASSERT_EQ(holder.ask("get 1 holder"), "True");
    EXPECT_EQ(without_time(python.ask("info")), "holder");
    EXPECT_EQ(cpp.ask("status"), "alive");
    EXPECT_EQ(python.ask("get 0.1 python"), "False");
    holder.kill();
    EXPECT_EQ(cpp.ask("get 0 cpp"), "True");
    EXPECT_EQ(cpp.ask("recovered"), "True");
    EXPECT_EQ(cpp.ask("unget"), "True");
    EXPECT_EQ(python.ask("value"), "1");
}

} // namespace test
