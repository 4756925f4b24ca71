#!/usr/bin/env bash
# Runs clang-tidy over the library and the examples:  tidy.sh BUILD_DIR [FILE]...
# BUILD_DIR is a clang build with compile_commands.json.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
files=("$@")
[ $# -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cc' 'examples/*.cc' 'benchmarks/*.cc')
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-14 -p "$build" --quiet
