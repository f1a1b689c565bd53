# A tarball of the program, by `cpack --preset tarball`: what it needs of the system stands in its file
# NEEDS.
set(CPACK_GENERATOR TGZ)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_STRIP_FILES ON)
string(TOLOWER ${CMAKE_SYSTEM_NAME} wscast_system)
set(CPACK_PACKAGE_FILE_NAME wscast-${PROJECT_VERSION}-${wscast_system}-${CMAKE_SYSTEM_PROCESSOR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/deploy/tarball/NEEDS DESTINATION .
        COMPONENT program)
include(CPack)

enable_testing()
add_test(NAME package.tarball
         COMMAND ${PROJECT_SOURCE_DIR}/tests/package/tarball ${PROJECT_BINARY_DIR})
set_tests_properties(package.tarball PROPERTIES LABELS tarball TIMEOUT 120)
