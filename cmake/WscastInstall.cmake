# Install rules. Components: `runtime` is what a program linked to the shared library needs,
# `development` what it takes to compile and link, `program` the program wscast and its service,
# which need neither.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/wscast TYPE INCLUDE COMPONENT development
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(TARGETS wscast EXPORT wscast-targets
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
  ARCHIVE COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(WSCAST_BUILD_SERVER)
  install(TARGETS wscast_program RUNTIME COMPONENT program)
  set(wscast_service ${PROJECT_SOURCE_DIR}/deploy/wscast.service)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${wscast_service})
  file(READ ${wscast_service} wscast_service)
  string(REPLACE "/usr/bin/" "${CMAKE_INSTALL_FULL_BINDIR}/" wscast_service "${wscast_service}")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/wscast.service CONTENT "${wscast_service}" @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/wscast.service DESTINATION lib/systemd/system
          COMPONENT program)
  if(NOT WSCAST_SANITIZE AND NOT CMAKE_CROSSCOMPILING)  # Else they are not made.
    install(DIRECTORY ${PROJECT_BINARY_DIR}/share/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}
            COMPONENT program)
    install(DIRECTORY ${PROJECT_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR}
            COMPONENT program PATTERN man EXCLUDE)
  endif()
endif()

set(wscast_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/wscast)
install(EXPORT wscast-targets NAMESPACE wscast:: DESTINATION ${wscast_package_dir}
        COMPONENT development)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/wscast-config.cmake.in
  ${PROJECT_BINARY_DIR}/cmake/wscast-config.cmake
  INSTALL_DESTINATION ${wscast_package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/cmake/wscast-config-version.cmake
  COMPATIBILITY SameMinorVersion)  # Before 1.0 a minor version may break what uses it.
install(
  FILES ${PROJECT_BINARY_DIR}/cmake/wscast-config.cmake
        ${PROJECT_BINARY_DIR}/cmake/wscast-config-version.cmake
  DESTINATION ${wscast_package_dir}
  COMPONENT development)

# Paths relative to where the file is, so that an installed tree can be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
           BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
           OUTPUT_VARIABLE wscast_prefix_from_pc)
file(RELATIVE_PATH wscast_libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH wscast_includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
set(wscast_requires_private "libssl >= 3.0, libcrypto >= 3.0, hiredis, libsodium, simdjson, zlib")
if(WSCAST_URING)
  string(APPEND wscast_requires_private ", liburing")
endif()
set(wscast_libs_private -pthread)
if(BUILD_SHARED_LIBS)
  set(wscast_requires_private "")
  set(wscast_libs_private "")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/wscast.pc.in ${PROJECT_BINARY_DIR}/cmake/wscast.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cmake/wscast.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT development)

if(WSCAST_TARBALL)
  include(WscastTarball)
endif()
if(BUILD_SHARED_LIBS AND WSCAST_BUILD_SERVER)
  include(WscastPackage)
endif()
