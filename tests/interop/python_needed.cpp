#include "peers.hpp"

namespace {

/// Without Python every test here is skipped.
class python_needed : public testing::Environment {
    void SetUp() override
    {
        if (const auto reason = test::python_is_missing())
            GTEST_SKIP() << *reason;
    }
};

[[maybe_unused]] const auto* const registered = testing::AddGlobalTestEnvironment(new python_needed);

} // namespace
