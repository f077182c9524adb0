#pragma once

#include <filesystem>
#include <string_view>

namespace resourcelock::cli {

/// Writes a file whole or not at all: whoever opens `path` finds the old or the new contents. What is no
/// file, such as /dev/stdout, is written to. Throws std::system_error.
void write_whole_file(const std::filesystem::path& path, std::string_view contents);

} // namespace resourcelock::cli
