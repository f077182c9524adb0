# The common part of the toolchain files beside it: Debian's cross compiler, and the libraries in the folder that
# cross/sysroot fills. They set the architecture in Debian's words and in the compiler's: debian_arch, debian_triple.

# The same folder as in cross/packages.sh, where an empty variable counts as none too.
if(NOT "$ENV{RESOURCELOCK_SYSROOT}" STREQUAL "")
    set(sysroot "$ENV{RESOURCELOCK_SYSROOT}")
elseif(NOT "$ENV{RESOURCELOCK_CACHE}" STREQUAL "")
    set(sysroot "$ENV{RESOURCELOCK_CACHE}/sysroot-${debian_arch}")
elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(sysroot "$ENV{XDG_CACHE_HOME}/resourcelock/sysroot-${debian_arch}")
else()
    set(sysroot "$ENV{HOME}/.cache/resourcelock/sysroot-${debian_arch}")
endif()
# Kept, so that a later configure without these variables stays with the same libraries.
set(RESOURCELOCK_SYSROOT "${sysroot}" CACHE PATH "Headers and libraries of the board")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES RESOURCELOCK_SYSROOT)
if(NOT IS_DIRECTORY "${RESOURCELOCK_SYSROOT}/usr/include")
    message(FATAL_ERROR "There are no ${debian_arch} libraries in ${RESOURCELOCK_SYSROOT}: run cross/sysroot ${debian_arch} first.")
endif()

find_program(cross_compiler ${debian_triple}-g++ NO_CACHE)
if(NOT cross_compiler)
    message(FATAL_ERROR "${debian_triple}-g++ is missing: cross/sysroot ${debian_arch}")
endif()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${debian_triple}-gcc)
set(CMAKE_CXX_COMPILER ${debian_triple}-g++)
set(CMAKE_SYSROOT "${RESOURCELOCK_SYSROOT}")

# Programs that run while building are the host's; everything else must come from the sysroot, or the host's libraries
# of the same name would be found.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
