#!/usr/bin/env bash
# Installs audiostore into a temporary prefix and builds small programs against it, as its users would.
#   run.sh BUILD_DIR [find_package|pkg_config|add_subdirectory]...    (default: the first two)
# BUILD_DIR is a finished build of the library.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- find_package pkg_config
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_library() {
  [ -d "$work/prefix" ] || cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
}

find_package() {
  install_library
  cmake -S "$here/find_package" -B "$work/found" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log"
  cmake --build "$work/found" >>"$work/log"
  LD_LIBRARY_PATH=$(library_dir) "$work/found/consumer"
}

pkg_config() { # the prefix of a .pc file is fixed when it is configured: override it, as a relocated package would
  install_library
  local flags
  flags=$(PKG_CONFIG_PATH=$(library_dir)/pkgconfig pkg-config --define-variable=prefix="$work/prefix" --cflags --libs audiostore)
  # shellcheck disable=SC2086  # flags are several words
  "${CXX:-c++}" -std=c++20 "$here/main.cc" -o "$work/packaged" $flags
  LD_LIBRARY_PATH=$(library_dir) "$work/packaged"
}

add_subdirectory() {
  cmake -S "$here/add_subdirectory" -B "$work/added" -DAUDIOSTORE_SOURCE_DIR="$here/../.." >"$work/log"
  cmake --build "$work/added" -j2 >>"$work/log"
  "$work/added/consumer"
}

library_dir() { dirname "$(find "$work/prefix" -name 'libaudiostore.*' | head -n 1)"; }

for way in "$@"; do
  echo "consumer by $way"
  "$way" || { tail -n 30 "$work"/*log; exit 1; }
done
