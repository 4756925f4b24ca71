#!/usr/bin/env bash
# The recorder page in Chromium, and its client in node:
#   tests/service/web/run.sh [AUDIO_SERVICE [--env]]
# on a fresh audio-service with two users, or without one on a stand-in. With --env the takes go to the bucket that the
# environment names, whose CORS rules must let every page in, and which has no other objects of a service. Pictures go to
# build/screenshots.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
service=${1:+$(realpath "$1")}
on_env=${2:-}
work=$(mktemp -d)
pid=

stop() {
  [ -z "$pid" ] || kill "$pid" || true
  [ -z "$pid" ] || wait "$pid" || true
  pid=
}
trap 'stop; rm -rf "$work"' EXIT

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
node --test --test-reporter=spec audiostore.test.mjs local_urls.test.mjs outbox.test.mjs page_files.test.mjs player.test.mjs

add_user() { # NAME
  "$service" --data "$work/data" add-user "$1" 2>"$work/err" || { cat "$work/err" >&2; return 1; }
}

start_service() { # FLAG...
  AUDIOSTORE_TOKEN_ADA=$(add_user Ada)
  AUDIOSTORE_TOKEN_BEN=$(add_user Ben)
  "$service" --data "$work/data" --web "$top/examples/service/web" --port 0 "$@" >"$work/out" 2>&1 &
}

start_stand_in() {
  AUDIOSTORE_TOKEN_ADA=$(openssl rand -hex 16)
  AUDIOSTORE_TOKEN_BEN=$(openssl rand -hex 16)
  node stand_in.mjs "Ada=$AUDIOSTORE_TOKEN_ADA" "Ben=$AUDIOSTORE_TOKEN_BEN" >"$work/out" 2>&1 &
}

drive() { # MODES NODE_ARGUMENT...
  pid=$!
  wait_for_address
  export AUDIOSTORE_URL AUDIOSTORE_TOKEN_ADA AUDIOSTORE_TOKEN_BEN AUDIOSTORE_MODES=$1
  export AUDIOSTORE_SCREENSHOTS=${AUDIOSTORE_SCREENSHOTS:-$top/build/screenshots}
  shift
  node --test --test-reporter=spec "$@"
}

fits_together() { # FLAG...: objects and rows, once the story is over
  stop
  "$service" reconcile --no-service-runs --data "$work/data" "$@"
}

if [ -z "$service" ]; then
  start_stand_in
  drive post,put,multipart page.test.mjs
  node --test --test-reporter=spec page_trouble.test.mjs
elif [ -n "$on_env" ] && [ "${AUDIOSTORE_PROVIDER:-}" = ceph ]; then # whose tickets are all forms
  start_service "$on_env"
  drive post page.test.mjs
  fits_together "$on_env"
elif [ -n "$on_env" ]; then
  start_service "$on_env"
  drive post,multipart page.test.mjs
  fits_together "$on_env"
  rm -r "$work/data"
  start_service "$on_env" --no-post-forms
  drive put,multipart --test-name-pattern='logging in|direct uploads' page.test.mjs
else
  start_service
  drive post,multipart page.test.mjs
  node --test --test-reporter=spec page_trouble.test.mjs
  fits_together
  rm -r "$work/data"
  start_service --no-post-forms
  drive put,multipart --test-name-pattern='logging in|direct uploads' page.test.mjs
fi
