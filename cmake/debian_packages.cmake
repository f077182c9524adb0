# Debian packages of what is installed, by cpack: libresourcelock1, libresourcelock-dev and resourcelock-tools; for this
# system's architecture or that of a sysroot. cross/package builds them.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME resourcelock)
set(CPACK_PACKAGE_VENDOR resourcelock)
set(CPACK_PACKAGE_CONTACT "The resourcelock developers <nobody@resourcelock.invalid>") # there is no address
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL library dev tools) # not examples
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian_finish.cmake)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/debian_depends.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
if(debian_arch)
    set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${debian_arch})
endif()

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own, before the text of all
string(CONCAT about
    "Programs on a Raspberry Pi share one I2C bus, but the kernel keeps them apart\n"
    "for one transaction only, and a sensor needs several. This holds the bus, or\n"
    "anything else, over a whole sequence, for all programs on the machine, and\n"
    "gives it back when one of them crashes. Python's cjnfuncs.resourcelock uses\n"
    "the same locks.\n\n")

set(library_package libresourcelock${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "locks and I2C buses that programs share (libraries)\n${about}These are the libraries.")
# For dpkg-shlibdeps in packages of programs that use the libraries (8.6), and for the cache of ldconfig (8.1.1).
string(CONCAT shlibs
    "libresourcelock ${PROJECT_VERSION_MAJOR} ${library_package} (>= ${PROJECT_VERSION})\n"
    "libresourcelock-i2c ${PROJECT_VERSION_MAJOR} ${library_package} (>= ${PROJECT_VERSION})\n")
file(CONFIGURE OUTPUT control/shlibs CONTENT "${shlibs}" @ONLY)
file(CONFIGURE OUTPUT control/triggers CONTENT "activate-noawait ldconfig\n" @ONLY)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/control/shlibs ${PROJECT_BINARY_DIR}/control/triggers)

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libresourcelock-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_DESCRIPTION "locks and I2C buses that programs share (headers)\n${about}These are the headers, and files for CMake and pkg-config.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME resourcelock-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "locks and I2C buses that programs share (programs)\n${about}These are the programs resourcelock and i2cbus, which show, hold and\nfree locks.")

# What belongs to each package by Debian's policy. Changes are told in one place for all.
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(CONFIGURE OUTPUT changelog.Debian @ONLY CONTENT
"resourcelock (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Version ${PROJECT_VERSION}.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
foreach(component_and_package library:${library_package} dev:libresourcelock-dev tools:resourcelock-tools)
    string(REPLACE ":" ";" pair ${component_and_package})
    list(GET pair 0 component)
    list(GET pair 1 package)
    set(documents ${CMAKE_INSTALL_DATADIR}/doc/${package})
    install(FILES LICENSE DESTINATION ${documents} RENAME copyright COMPONENT ${component} EXCLUDE_FROM_ALL)
    install(FILES ${PROJECT_BINARY_DIR}/changelog.Debian DESTINATION ${documents} COMPONENT ${component} EXCLUDE_FROM_ALL)
    install(FILES CHANGELOG.md DESTINATION ${documents} RENAME changelog COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

# For debian_depends.cmake.
set(CPACK_LIBRARY_FILES ${PROJECT_BINARY_DIR}/core/libresourcelock.so ${PROJECT_BINARY_DIR}/i2c/libresourcelock-i2c.so)
set(CPACK_TOOLS_FILES ${PROJECT_BINARY_DIR}/core/resourcelock ${PROJECT_BINARY_DIR}/i2c/i2cbus)
set(CPACK_COMPILER_VERSION ${CMAKE_CXX_COMPILER_VERSION})
set(CPACK_READELF ${CMAKE_READELF})
include(CPack)
