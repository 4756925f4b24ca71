#!/usr/bin/env bash
# Runs the conformance suite and the quickstart's steps against real S3 servers that nobody here wrote.
#
#   tests/live.sh [ceph] [swift]   installs, starts and stops Ceph's gateway and OpenStack Swift's on loopback, and runs on
#                                  both: Ceph also with the bucket in the host's name, over http and over TLS; then
#                                  the command line and its doctor
#   tests/live.sh page             the recorder page in Chromium, on Ceph's gateway: uploads that go there directly, across
#                                  origins, and what it plays and deletes. Needs chromium, nodejs and npm.
#                                  Without a name: all three, the page only where these are.
#   tests/live.sh environment      runs on the bucket that AUDIOSTORE_LIVE_ENDPOINT, _BUCKET, _REGION, _ACCESS_KEY_ID,
#                                  _SECRET_ACCESS_KEY and _PROVIDER (aws, r2, supabase, minio, ceph) name: the suite below
#                                  a prefix of its own (_PREFIX), the quickstart below users/alice/projects/demo/ with
#                                  a random name. Both remove what they made.
# AUDIOSTORE_BUILD is a finished build of the tests (default: build/tests).
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
build=${AUDIOSTORE_BUILD:-$top/build/tests}
conformance=$build/tests/conformance/conformance
quickstart=$build/examples/quickstart
command_line=$build/examples/cli/audiostore
service=$build/examples/service/audio-service

found_something=12 # the doctor's exit code where there is a problem

left_out=() # names of cases that a server fails by its own doing, each with the reason beside it

run_suite() { # run_suite TITLE [NAME=VALUE]...
  echo "== $1${left_out[*]:+, without ${#left_out[@]} cases that it is known to fail}"
  shift
  env AUDIOSTORE_CONFORMANCE_STORE=live "$@" "$conformance" "${left_out[@]/#/"~"}"
}

on_live_bucket() { # on_live_bucket [NAME=VALUE]... COMMAND...: with the variables that S3 tools read
  env AWS_ENDPOINT_URL_S3="$AUDIOSTORE_LIVE_ENDPOINT" AWS_S3_BUCKET="$AUDIOSTORE_LIVE_BUCKET" \
    AWS_REGION="${AUDIOSTORE_LIVE_REGION:-us-east-1}" AWS_ACCESS_KEY_ID="$AUDIOSTORE_LIVE_ACCESS_KEY_ID" \
    AWS_SECRET_ACCESS_KEY="$AUDIOSTORE_LIVE_SECRET_ACCESS_KEY" AWS_SESSION_TOKEN="${AUDIOSTORE_LIVE_SESSION_TOKEN:-}" \
    AWS_CA_BUNDLE="${AUDIOSTORE_LIVE_CA_FILE:-}" AUDIOSTORE_PROVIDER="${AUDIOSTORE_LIVE_PROVIDER:-other}" "$@"
}

run_quickstart() { # the same program that a newcomer runs, on the live bucket
  echo "== quickstart --env on $AUDIOSTORE_LIVE_ENDPOINT"
  on_live_bucket "$quickstart" --env
}

expect_status() { # expect_status STATUS COMMAND...
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" = "$wanted" ] || { echo "exit code $status in place of $wanted: $*" >&2; return 1; }
}

run_command_line() { # a take there and back; and the doctor, with what is right and what is wrong
  echo "== audiostore and its doctor on $AUDIOSTORE_LIVE_ENDPOINT"
  local take=$top/tests/testdata/audio/pcm.wav key=command-line/take.wav copy
  copy=$(mktemp)
  on_live_bucket "$command_line" put "$take" --key "$key"
  on_live_bucket "$command_line" ls command-line/
  on_live_bucket "$command_line" get "$key" "$copy" --force
  cmp "$take" "$copy"
  rm -f "$copy"
  on_live_bucket "$command_line" rm "$key" --yes
  on_live_bucket "$command_line" doctor
  expect_status "$found_something" on_live_bucket AWS_SECRET_ACCESS_KEY=wrong "$command_line" doctor
  expect_status "$found_something" on_live_bucket AWS_S3_BUCKET=no-such-bucket-here "$command_line" doctor
}

run_page() {
  echo "== the recorder page on $AUDIOSTORE_LIVE_ENDPOINT"
  on_live_bucket "$command_line" cors apply --origin '*'
  on_live_bucket AUDIOSTORE_SCREENSHOTS="$top/build/screenshots/live" \
    timeout --kill-after=20 900 "$top/tests/service/web/run.sh" "$service" --env
}

start_server() { # start_server NAME: and take over the variables that it prints; a failed start ends this script
  local variables # apart from the eval, which would swallow the failure
  variables=$("$top/tests/live/$1.sh" start "$state/$1")
  eval "$variables"
}

on_ceph() {
  start_server ceph
  export AUDIOSTORE_LIVE_PROVIDER=ceph
  run_suite "Ceph, path style"
  local host=ceph.localhost:${AUDIOSTORE_LIVE_ENDPOINT##*:}
  run_suite "Ceph, bucket in the host" AUDIOSTORE_LIVE_ENDPOINT="http://$host" AUDIOSTORE_LIVE_ADDRESSING=virtual_host
  run_suite "Ceph over TLS, bucket in the host" AUDIOSTORE_LIVE_ENDPOINT="$AUDIOSTORE_LIVE_TLS_ENDPOINT" AUDIOSTORE_LIVE_ADDRESSING=virtual_host
  run_quickstart
  AUDIOSTORE_LIVE_ENDPOINT=$AUDIOSTORE_LIVE_TLS_ENDPOINT run_quickstart
  run_command_line
  AUDIOSTORE_LIVE_ENDPOINT=$AUDIOSTORE_LIVE_TLS_ENDPOINT run_command_line
  "$top/tests/live/ceph.sh" stop "$state/ceph"
}

on_page() {
  start_server ceph
  export AUDIOSTORE_LIVE_PROVIDER=ceph
  run_page
  "$top/tests/live/ceph.sh" stop "$state/ceph"
}

on_swift() {
  start_server swift
  left_out=(
    "metadata may have 2048 bytes and no more"                   # 500: its values end at 256 bytes
    "writers of one key never leave a mixture"                    # 503: it refuses writes of one key in the same instant
    "readers among writers see whole objects with their own attributes" # the same
    "if_match that holds outweighs if_unmodified_since"           # 412: it lets both decide, against RFC 9110
    "weird keys work as prefix and as the place to start behind"  # 503 for U+10FFFF in a prefix
  )
  run_suite "OpenStack Swift"
  run_quickstart
  run_command_line
  "$top/tests/live/swift.sh" stop "$state/swift"
}

if [ "${1:-}" = environment ]; then
  run_suite "$AUDIOSTORE_LIVE_ENDPOINT"
  run_quickstart
  run_command_line
  exit 0
fi

can_browse() { command -v chromium && command -v node && command -v npm; } >/dev/null

if [ $# = 0 ]; then
  set -- ceph swift
  if can_browse; then set -- "$@" page; else echo "without chromium, node and npm the page is left out"; fi
fi
for server in "$@"; do "$top/tests/live/${server/page/ceph}.sh" install >/dev/null; done
state=$(mktemp -d)
stop_servers() {
  "$top/tests/live/ceph.sh" stop "$state/ceph" || true
  "$top/tests/live/swift.sh" stop "$state/swift" || true
  rm -rf "$state"
}
trap stop_servers EXIT
for server in "$@"; do ("on_$server"); done
echo "live servers: all passed"
