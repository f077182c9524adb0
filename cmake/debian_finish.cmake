# Run by cpack between installing into a folder for each package and packing these: what Debian's policy wants of files.
cmake_policy(VERSION 3.25)

# The system finds its libraries by itself (10.2).
file(GLOB binaries ${CPACK_TEMPORARY_DIRECTORY}/*/usr/bin/* ${CPACK_TEMPORARY_DIRECTORY}/*/usr/lib/*/*.so.*.*)
foreach(file IN LISTS binaries)
    file(RPATH_REMOVE FILE ${file})
endforeach()

# Texts that are read with a pager are packed (12.1, 12.7).
file(GLOB texts ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/man/man*/*.[1-8]
    ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/doc/*/changelog ${CPACK_TEMPORARY_DIRECTORY}/*/usr/share/doc/*/changelog.Debian)
foreach(file IN LISTS texts)
    execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
