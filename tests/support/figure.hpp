#pragma once

#include <gtest/gtest.h>

#include <iostream>

namespace test {

/// Begins a line with a measured figure: `tests/run` shows these of tests that pass, too.
inline std::ostream& figure()
{
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    return std::cout << "figure: " << test->test_suite_name() << '.' << test->name() << ": ";
}

} // namespace test
