# CMake toolchain: Raspberry Pi 2 and later with a 32-bit system, and other armhf boards with Debian. Debian's compiler
# makes ARMv7 code, which the Pi 1 and the first Pi Zero (ARMv6) cannot run: build on the board for these.
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(debian_arch armhf)
set(debian_triple arm-linux-gnueabihf)
include("${CMAKE_CURRENT_LIST_DIR}/debian-sysroot.cmake")

# GCC otherwise notes at every template that its calling convention changed in version 7, which matters to nobody who
# compiles everything with one compiler.
add_compile_options(-Wno-psabi)
