# How our own targets are compiled.

# Warnings and sanitizers for code of ours; never for those who link us.
function(audiostore_compile_settings target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
    # gcc 12 sees overlapping memory in string concatenation where there is none (its bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${AUDIOSTORE_WARNINGS_AS_ERRORS}>:-Werror>)
  if(AUDIOSTORE_SANITIZE)
    # gcc 12 takes the standard library's <regex> for uninitialised once the sanitizer is in it.
    target_compile_options(${target} PRIVATE -fsanitize=${AUDIOSTORE_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${target} PUBLIC -fsanitize=${AUDIOSTORE_SANITIZE})
  endif()
endfunction()

# One of the installed libraries.
function(audiostore_library_settings target)
  audiostore_compile_settings(${target})
  set_target_properties(${target} PROPERTIES
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    POSITION_INDEPENDENT_CODE ON
    DEFINE_SYMBOL "")
  target_compile_definitions(${target} PRIVATE AUDIOSTORE_VERSION="${PROJECT_VERSION}")
  # Half of what a file of ours takes to compile is these; -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON holds each file to what
  # it includes itself.
  target_precompile_headers(${target} PRIVATE
    <algorithm> <chrono> <functional> <memory> <optional> <string> <string_view> <vector> <fmt/format.h>)
  target_include_directories(${target}
    PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE
      ${PROJECT_SOURCE_DIR}/src)
endfunction()
