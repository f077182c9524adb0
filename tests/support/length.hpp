#pragma once

#include <cstdlib>
#include <string_view>

namespace test {

/// How much a test does: RESOURCELOCK_TEST_LENGTH is `short` where speed is not that of use (`tests/run`),
/// and `soak` in a run for a night (`tests/run --soak`).
template <class Amount>
Amount by_length(Amount short_run, Amount usual, Amount soak)
{
    const char* const length = std::getenv("RESOURCELOCK_TEST_LENGTH");
    if (length == nullptr)
        return usual;
    return length == std::string_view{"soak"}    ? soak
           : length == std::string_view{"short"} ? short_run
                                                 : usual;
}

} // namespace test
