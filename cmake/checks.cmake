# How the scripts build what they test (cmake -C cmake/checks.cmake): optimised as a release is, with just as much
# debug information as a backtrace needs, which is a quarter off the time to compile.
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG" CACHE STRING "")
# ccache finds nothing again that clang compiled with a precompiled header. And so each file is held to what it includes.
if("$ENV{CXX}" MATCHES clang)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON CACHE BOOL "")
endif()
