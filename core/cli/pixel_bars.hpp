#pragma once

#include "lock_history.hpp"
#include "time_axis.hpp"

#include <string>
#include <vector>

/// What of many spans can be seen in a picture: the number of bars depends on its width, not on theirs.
namespace resourcelock::cli {

struct bar {
    double x;
    double width;
    double share; ///< of this time that the spans take: 1 for a single one
    std::string about;
};

/// A bar for each span that is a pixel wide or more. Of the narrower ones, those in the same column of pixels
/// are one bar, and so are columns side by side that look the same. \param spans in order
std::vector<bar> bars_of(const std::vector<span>& spans, const time_axis& axis);

struct sign {
    double x;
    std::string about;
};

/// A sign for each mark, or for several that would cover each other.
std::vector<sign> signs_of(const std::vector<mark>& marks, const time_axis& axis);

} // namespace resourcelock::cli
