# A shared library exports what is RESOURCELOCK_EXPORT, and no templates of the standard library that were instantiated on its way:
# a compiler ignores our visibility for these.
function(export_ours_only library)
    set(map ${PROJECT_SOURCE_DIR}/cmake/exported.map)
    target_link_options(${library} PRIVATE LINKER:--version-script=${map})
    set_target_properties(${library} PROPERTIES LINK_DEPENDS ${map})
endfunction()
