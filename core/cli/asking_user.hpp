#pragma once

#include <sys/types.h>

namespace resourcelock::cli {

/// Whom advice is for: who typed sudo, or who runs this program.
uid_t asking_user();

/// "sudo ", or nothing where the asking user is root: for the beginning of a command.
const char* sudo();

} // namespace resourcelock::cli
