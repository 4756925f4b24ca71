#!/usr/bin/env bash
# Fuzzes every target with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer:
#   tests/fuzz/run.sh [SECONDS [TARGET...]]     SECONDS a target, default 60; as many at once as there are processors
# What it finds is left in build/fuzz/found/: add it to tests/fuzz/corpus/TARGET, where the ordinary tests replay it.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-60}
shift || true
build=$top/build/fuzz
mkdir -p "$build/found"
export CXX=${CXX:-clang++-14}
cmake -S "$top" -B "$build" -G Ninja -C "$top/cmake/checks.cmake" -DAUDIOSTORE_FUZZ=ON \
  -DAUDIOSTORE_SANITIZE=address,undefined,fuzzer-no-link -DAUDIOSTORE_BUILD_EXAMPLES=OFF >/dev/null
if [ $# = 0 ]; then
  mapfile -t targets < <(sed -n 's/^foreach(target \(.*\))$/\1/p' "$top/tests/fuzz/CMakeLists.txt" | tr ' ' '\n')
  set -- "${targets[@]}"
fi
cmake --build "$build" --target "${@/#/fuzz_}" -- --quiet

fuzz() { # fuzz TARGET: the corpus of the repository is read, what is new goes elsewhere
  local corpus=$top/tests/fuzz/corpus/$1 grown=$build/corpus/$1
  case $1 in audio | probe) corpus=$top/tests/testdata/audio ;; esac
  mkdir -p "$grown"
  "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=8192 -print_final_stats=1 \
    -artifact_prefix="$build/found/$1-" "$grown" "$corpus" >"$build/found/$1.log" 2>&1 || {
    tail -n 30 "$build/found/$1.log" >&2
    return 1
  }
  echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/found/$1.log") runs, nothing found"
}
export -f fuzz
export top build seconds
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -euc 'fuzz {}'
