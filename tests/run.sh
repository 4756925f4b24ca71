#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests that need nothing but this machine:
#   tests/run.sh [CTEST_ARGUMENT]...
# AUDIOSTORE_SANITIZE=address,undefined or thread builds and tests with sanitizers; CXX chooses the compiler.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$top/scripts/packages.sh"

need_packages "${test_packages[@]}"
sanitize=${AUDIOSTORE_SANITIZE:-}
build=$top/build/tests${sanitize:+-${sanitize//,/-}}${CXX:+-$(basename "$CXX")}
mkdir -p "$build"
cmake -S "$top" -B "$build" -G Ninja -C "$top/cmake/checks.cmake" -DAUDIOSTORE_SANITIZE="$sanitize" -DAUDIOSTORE_BUILD_BENCHMARKS=ON >"$build/configure.log" || { cat "$build/configure.log" >&2; exit 1; }
cmake --build "$build" -- --quiet
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
cd "$build"
ctest --output-on-failure -j "$(nproc)" "$@"
