# What the build needs, and, when it is missing, the command that installs it. For a board, the toolchain files in cross/ set
# debian_arch.

function(stop_without what debian_package)
    if(debian_arch)
        message(FATAL_ERROR "${what} is missing for ${debian_arch}: cross/sysroot ${debian_arch}")
    endif()
    message(FATAL_ERROR "${what} is missing: sudo apt-get install ${debian_package}")
endfunction()

function(need_package name debian_package)
    find_package(${name} QUIET GLOBAL)
    if(NOT ${name}_FOUND)
        stop_without(${name} ${debian_package})
    endif()
endfunction()

# One of several programs, before project() looks for them with worse words.
function(need_program what debian_package)
    find_program(found NAMES ${ARGN} NO_CACHE)
    if(NOT found)
        stop_without(${what} ${debian_package})
    endif()
endfunction()
