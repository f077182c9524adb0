#pragma once

namespace resourcelock {

constexpr unsigned i2c_major = 89; // of device nodes: Documentation/admin-guide/devices.txt

} // namespace resourcelock
