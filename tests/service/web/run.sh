#!/usr/bin/env bash
# The recorder page in Chromium, and its client in node:
#   tests/service/web/run.sh [AUDIO_SERVICE]
# on a fresh audio-service with two users, or without one on a stand-in. Pictures go to build/screenshots.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
service=${1:-}
work=$(mktemp -d)
pid=

stop() {
  [ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

# The address is the last word of the first line that has one.
wait_for_address() {
  for _ in $(seq 100); do
    AUDIOSTORE_URL=$(grep -om1 'http://127\.0\.0\.1:[0-9]*' "$work/out" || true)
    [ -z "$AUDIOSTORE_URL" ] || return 0
    kill -0 "$pid" || break
    sleep 0.1
  done
  echo "the service did not start:" >&2
  cat "$work/out" >&2
  return 1
}

cd "$here"
[ -d node_modules/playwright-core ] || npm ci --ignore-scripts --no-audit --no-fund
node --test --test-reporter=spec audiostore.test.mjs page_files.test.mjs

if [ -n "$service" ]; then
  AUDIOSTORE_TOKEN_ADA=$("$service" --data "$work/data" add-user Ada)
  AUDIOSTORE_TOKEN_BEN=$("$service" --data "$work/data" add-user Ben)
  "$service" --data "$work/data" --web "$top/examples/service/web" --port 0 >"$work/out" 2>&1 &
  export AUDIOSTORE_MODES=post,multipart
else
  AUDIOSTORE_TOKEN_ADA=$(openssl rand -hex 16)
  AUDIOSTORE_TOKEN_BEN=$(openssl rand -hex 16)
  node stand_in.mjs "Ada=$AUDIOSTORE_TOKEN_ADA" "Ben=$AUDIOSTORE_TOKEN_BEN" >"$work/out" 2>&1 &
  export AUDIOSTORE_MODES=post,put,multipart
fi
pid=$!
wait_for_address
export AUDIOSTORE_URL AUDIOSTORE_TOKEN_ADA AUDIOSTORE_TOKEN_BEN
export AUDIOSTORE_SCREENSHOTS=${AUDIOSTORE_SCREENSHOTS:-$top/build/screenshots}
node --test --test-reporter=spec page.test.mjs
