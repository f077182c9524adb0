# CMake toolchain: Raspberry Pis with a 64-bit system (2 v1.2 and later), and other arm64 boards with Debian.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(debian_arch arm64)
set(debian_triple aarch64-linux-gnu)
include("${CMAKE_CURRENT_LIST_DIR}/debian-sysroot.cmake")
