#!/usr/bin/env bash
# Installs what is missing, builds audiostore and runs the quickstart:
#   examples/quickstart.sh [--keep] [--env] [FILE]
set -euo pipefail
file_args=("$@")
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/packages.sh
. "$top/scripts/packages.sh"

need_packages "${build_packages[@]}"
build=$top/build/quickstart
log=$build.log
mkdir -p "$build"
echo "Building (about a minute the first time; log in ${log#"$PWD"/})" >&2
{
  cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DAUDIOSTORE_BUILD_TESTS=OFF -DAUDIOSTORE_WARNINGS_AS_ERRORS=OFF
  cmake --build "$build" --target example_quickstart
} >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
exec "$build/examples/quickstart" "${file_args[@]}"
