#!/usr/bin/env bash
# Lets clients that nobody here wrote work against an S3 endpoint: aws, s3cmd, rclone, botocore and
# curl. Ends with an error at the first thing that is not as on S3.
#
# Takes the endpoint from the environment: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
# AWS_S3_BUCKET. With the path of a program as its argument (tests/local/serve.cc), it starts that one and asks it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

fail() { echo "outside_clients: $*" >&2; exit 1; }
step() { echo "  $*"; }
same() { cmp "$1" "$2" || fail "$3: the bytes differ"; }

start_server() {
  mkfifo "$work/hold"
  "$1" <"$work/hold" >"$work/exports" &
  server=$!
  exec 9>"$work/hold" # the server ends when this does
  for _ in $(seq 100); do
    grep -q AWS_S3_BUCKET "$work/exports" && break
    sleep 0.05
  done
  # shellcheck disable=SC1091
  . "$work/exports"
}

[ $# -eq 0 ] || start_server "$1"
: "${AWS_ENDPOINT_URL:?}" "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}" "${AWS_REGION:?}" "${AWS_S3_BUCKET:?}"
export AWS_DEFAULT_REGION=$AWS_REGION AWS_EC2_METADATA_DISABLED=true AWS_PAGER='' AWS_CONFIG_FILE=/dev/null
export AWS_SHARED_CREDENTIALS_FILE=/dev/null
endpoint=$AWS_ENDPOINT_URL
bucket=$AWS_S3_BUCKET

# Every call gets some minutes at most.
aws_() { timeout 300 /usr/bin/aws --endpoint-url "$endpoint" "$@"; }
curl_() { timeout 300 curl --silent --show-error --path-as-is "$@"; }
status() { curl_ --output /dev/null --write-out '%{http_code}' "$@"; }
s3cmd_() { timeout 300 s3cmd --config="$work/s3cfg" "$@"; }
# AWS_CA_BUNDLE is left out, since rclone's transport cannot take it and refuses to start.
rclone_() { timeout 300 env -u AWS_CA_BUNDLE rclone --config /dev/null --retries 1 --low-level-retries 1 "$@"; }

head -c 40000 /dev/urandom >"$work/small"
head -c 3000000 /dev/urandom >"$work/medium" # more than what the endpoint keeps in memory
head -c 200000000 /dev/urandom >"$work/large" # many parts
odd='odd/é ü+&=%41 (1)~*.wav'

with_aws() {
  step "aws: $(/usr/bin/aws --version 2>&1)"
  aws_ s3 cp --only-show-errors "$work/small" "s3://$bucket/takes/small.wav" --content-type audio/wav --metadata mood=calm
  aws_ s3 cp --only-show-errors "$work/medium" "s3://$bucket/$odd"
  aws_ s3 cp --only-show-errors "s3://$bucket/takes/small.wav" "$work/back"
  same "$work/small" "$work/back" "aws s3 cp"
  aws_ s3 cp --only-show-errors "s3://$bucket/$odd" "$work/back"
  same "$work/medium" "$work/back" "aws s3 cp of an odd key"
  aws_ s3 ls "s3://$bucket/takes/" | grep -q '40000 small.wav' || fail "aws s3 ls does not show the object"
  aws_ s3 ls "s3://$bucket" | grep -q 'PRE takes/' || fail "aws s3 ls does not fold prefixes"
  [ "$(aws_ s3api head-object --bucket "$bucket" --key takes/small.wav --query Metadata.mood --output text)" = calm ] ||
    fail "aws s3api head-object does not show the metadata"
  aws_ s3api get-object --bucket "$bucket" --key takes/small.wav --range bytes=100-199 "$work/back" >"$work/json"
  grep -q '"ContentRange": "bytes 100-199/40000"' "$work/json" || fail "Content-Range is missing"
  dd if="$work/small" of="$work/part" bs=1 skip=100 count=100 status=none
  same "$work/part" "$work/back" "a range"
  aws_ s3api copy-object --bucket "$bucket" --key takes/copy.wav --copy-source "$bucket/takes/small.wav" >/dev/null
  aws_ s3 cp --only-show-errors "s3://$bucket/takes/copy.wav" "s3://$bucket/takes/copy 2.wav"
  aws_ s3 cp --only-show-errors "s3://$bucket/takes/copy 2.wav" "$work/back"
  same "$work/small" "$work/back" "a copy"
  aws_ s3api delete-objects --bucket "$bucket" --delete 'Objects=[{Key=takes/copy.wav},{Key=takes/none.wav}]' >"$work/json"
  grep -q takes/none.wav "$work/json" || fail "delete-objects does not report a key that was not there"
  aws_ s3 rm --only-show-errors "s3://$bucket/takes/copy 2.wav"
  [ "$(aws_ s3 ls "s3://$bucket/takes/" | wc -l)" = 1 ] || fail "aws s3 rm left something"
}

with_aws_in_parts() {
  step "aws, 200 MB"
  aws_ s3 cp --only-show-errors "$work/large" "s3://$bucket/takes/large.wav" --metadata mood=long
  aws_ s3 cp --only-show-errors "s3://$bucket/takes/large.wav" "$work/back"
  same "$work/large" "$work/back" "aws s3 cp of 200 MB"
  [ "$(aws_ s3api head-object --bucket "$bucket" --key takes/large.wav --query Metadata.mood --output text)" = long ] ||
    fail "the metadata of an upload in parts is lost"
  aws_ s3 cp --only-show-errors --copy-props metadata-directive \
    "s3://$bucket/takes/large.wav" "s3://$bucket/takes/large copy.wav"
  aws_ s3 cp --only-show-errors "s3://$bucket/takes/large copy.wav" - | cmp - "$work/large" || fail "a copy in parts differs"
  aws_ s3 cp --only-show-errors - "s3://$bucket/takes/stream.wav" <"$work/large"
  aws_ s3 cp --only-show-errors "s3://$bucket/takes/stream.wav" - | cmp - "$work/large" || fail "a streamed upload differs"
  left=$(aws_ s3api list-multipart-uploads --bucket "$bucket" --query 'Uploads[].UploadId' --output text)
  [[ -z $left || $left == None ]] || fail "aws left an upload behind"
  aws_ s3 rm --only-show-errors --recursive --exclude '*' --include 'large*' --include 'stream*' "s3://$bucket/takes/"
}

with_curl() {
  step "curl, with URLs that aws signed"
  url=$(aws_ s3 presign "s3://$bucket/takes/small.wav" --expires-in 300)
  curl_ --fail --output "$work/back" "$url"
  same "$work/small" "$work/back" "a presigned GET"
  curl_ --fail --range -10 --output "$work/back" "$url"
  tail -c 10 "$work/small" | cmp - "$work/back" || fail "a suffix range differs"
  [ "$(status --range 40000- "$url")" = 416 ] || fail "a range behind the end is not refused"
  [ "$(status "${url}0")" = 403 ] || fail "a longer signature is not refused"
  [ "$(status "${url/small/other}")" = 403 ] || fail "a URL of another key is not refused"
  [ "$(status "${url/X-Amz-Expires=300/X-Amz-Expires=301}")" = 403 ] || fail "a longer expiry is not refused"
  [ "$(status --request PUT --data x "$url")" = 403 ] || fail "a PUT with a GET's URL is not refused"
  [ "$(status --head "$url")" = 403 ] || fail "a HEAD with a GET's URL is not refused"
  [ "$(status "$endpoint/$bucket/takes/small.wav")" = 403 ] || fail "an unsigned GET is not refused"
}

with_s3cmd() {
  step "s3cmd: $(s3cmd --version)"
  cat >"$work/s3cfg" <<CONFIG
[default]
access_key = $AWS_ACCESS_KEY_ID
secret_key = $AWS_SECRET_ACCESS_KEY
host_base = ${endpoint#*://}
host_bucket = ${endpoint#*://}
bucket_location = $AWS_REGION
use_https = False
signature_v2 = False
CONFIG
  chmod 600 "$work/s3cfg"
  s3cmd_ put --quiet "$work/small" "s3://$bucket/s3cmd/a b.wav"
  s3cmd_ ls "s3://$bucket/s3cmd/" | grep -q 'a b.wav' || fail "s3cmd ls does not show the object"
  s3cmd_ ls | grep -q "s3://$bucket" || fail "s3cmd ls does not show the bucket"
  s3cmd_ get --quiet --force "s3://$bucket/s3cmd/a b.wav" "$work/back"
  same "$work/small" "$work/back" "s3cmd get"
  s3cmd_ info "s3://$bucket/s3cmd/a b.wav" >"$work/info"
  grep -q 'File size: 40000' "$work/info" || fail "s3cmd info does not tell the size"
  s3cmd_ del --quiet "s3://$bucket/s3cmd/a b.wav"
  s3cmd_ put --quiet "$work/large" "s3://$bucket/s3cmd/large.wav"
  s3cmd_ multipart "s3://$bucket" | grep -q s3cmd/large.wav && fail "s3cmd left an upload behind"
  s3cmd_ get --quiet --force "s3://$bucket/s3cmd/large.wav" "$work/back"
  same "$work/large" "$work/back" "s3cmd get of 200 MB"
  s3cmd_ del --quiet "s3://$bucket/s3cmd/large.wav"
  [ -z "$(s3cmd_ ls "s3://$bucket/s3cmd/")" ] || fail "s3cmd del left the object"
  # s3cmd signs URLs by version 2 only, which S3 refuses in every region since 2014.
  [ "$(status "$(s3cmd_ signurl "s3://$bucket/takes/small.wav" +60)")" = 400 ] || fail "signature version 2 is accepted"
}

with_rclone() {
  step "rclone: $(rclone_ --version | head -1)"
  export RCLONE_CONFIG_LOCAL_TYPE=s3 RCLONE_CONFIG_LOCAL_PROVIDER=Other RCLONE_CONFIG_LOCAL_ENV_AUTH=true
  export RCLONE_CONFIG_LOCAL_ENDPOINT=$endpoint RCLONE_CONFIG_LOCAL_REGION=$AWS_REGION
  mkdir "$work/tree"
  cp "$work/small" "$work/tree/a é.wav"
  cp "$work/medium" "$work/tree/b.wav"
  cp "$work/large" "$work/tree/c.wav"
  rclone_ copy --s3-upload-cutoff 10M --s3-chunk-size 5M --metadata "$work/tree" "local:$bucket/rclone"
  rclone_ check --download "$work/tree" "local:$bucket/rclone" 2>"$work/check" || fail "rclone check: $(cat "$work/check")"
  [ "$(rclone_ lsf "local:$bucket/rclone" | tr '\n' '|')" = 'a é.wav|b.wav|c.wav|' ] || fail "rclone lsf differs"
  rclone_ copyto "local:$bucket/rclone/c.wav" "$work/back"
  same "$work/large" "$work/back" "rclone copyto of 200 MB"
  rclone_ rcat "local:$bucket/rclone/stream.wav" <"$work/medium"
  rclone_ moveto "local:$bucket/rclone/stream.wav" "local:$bucket/rclone/moved.wav"
  rclone_ cat "local:$bucket/rclone/moved.wav" | cmp - "$work/medium" || fail "rclone rcat and moveto lose bytes"
  rclone_ purge "local:$bucket/rclone"
  left=$(rclone_ lsf "local:$bucket")
  [[ $left != *rclone* ]] || fail "rclone purge left something"
}

with_botocore() {
  step "botocore"
  timeout 300 /usr/bin/python3 -I "$here/outside_client.py" || fail "botocore"
}

with_aws
with_aws_in_parts
with_curl
with_s3cmd
with_rclone
with_botocore
echo "outside clients: all as on S3"
