# What `cmake --install` puts where, so that find_package(audiostore) and pkg-config find it.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/audiostore)

install(TARGETS audiostore EXPORT audiostoreTargets)
install(EXPORT audiostoreTargets NAMESPACE audiostore:: DESTINATION ${package_dir})
if(TARGET audiostore_local_endpoint)
  install(TARGETS audiostore_local_endpoint EXPORT audiostoreLocalEndpointTargets)
  install(EXPORT audiostoreLocalEndpointTargets NAMESPACE audiostore:: DESTINATION ${package_dir})
endif()

file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/audiostore/*.h)
if(NOT TARGET audiostore_local_endpoint)
  list(FILTER public_headers EXCLUDE REGEX "local_endpoint\\.h$")
endif()
install(FILES ${public_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/audiostore)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

get_target_property(audiostore_type audiostore TYPE)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/audiostoreConfig.cmake.in ${PROJECT_BINARY_DIR}/audiostoreConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/audiostoreConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/audiostoreConfig.cmake ${PROJECT_BINARY_DIR}/audiostoreConfigVersion.cmake
  DESTINATION ${package_dir})

# Below the prefix where that is so, so that a package can be moved; absolute where the packager said so.
foreach(dir libdir includedir)
  string(TOUPPER CMAKE_INSTALL_${dir} variable)
  set(pc_${dir} ${${variable}})
  cmake_path(ABSOLUTE_PATH pc_${dir} BASE_DIRECTORY "\${prefix}")
endforeach()
# A static library needs what it is made of by name. Not as Requires.private: `pkg-config --static` would then ask for
# all that a static libcurl is made of, which nobody has.
if(audiostore_type STREQUAL "STATIC_LIBRARY")
  set(pc_dependencies " -lcurl -lcrypto -lfmt -ltinyxml2 -pthread")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/audiostore.pc.in ${PROJECT_BINARY_DIR}/audiostore.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/audiostore.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
