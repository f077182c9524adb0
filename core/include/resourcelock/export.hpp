#pragma once
/// \file
/// Not for use outside: marks what the shared libraries export. Everything else in them is hidden.

/// Visible in the shared libraries.
#define RESOURCELOCK_EXPORT __attribute__((visibility("default")))
