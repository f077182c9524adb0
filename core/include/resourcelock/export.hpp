#pragma once
// Everything else in the shared libraries is hidden.
#define RESOURCELOCK_EXPORT __attribute__((visibility("default")))
