#pragma once

#include <cstddef>
#include <string_view>

/// How much of a line on a terminal a text takes: most characters one column, those of East Asia two,
/// combining marks none.
namespace resourcelock::cli {

/// `text` is what `printable` returns.
std::size_t columns_of(std::string_view text);

/// The longest head that takes no more columns than that.
std::string_view cut_to_columns(std::string_view text, std::size_t columns);

} // namespace resourcelock::cli
