# shellcheck shell=bash
# Common ground of ceph.sh and swift.sh; sourced by them, not run.
#
# The script that sources this defines PACKAGES (what apt has to bring), PROGRAMS (what `start` calls) and start_server
# (launches the daemons, sets `endpoint` and, if it likes, `more_variables`: NAME VALUE ...), then calls live_main "$@".
#
# DIR holds all there is of one server: its data, log/ and audiostore-live.pids, a line "NAME PID BIRTH" per daemon.
# BIRTH, the kernel's start time of the process, keeps `stop` from hitting a stranger that was given the pid later.

readonly WAIT_SECONDS=30 # for each step of a start
readonly END_SECONDS=5   # for a process to end: after SIGTERM, and again after SIGKILL
readonly REGION=us-east-1
readonly PYTHON=/usr/bin/python3 # Debian's own: the servers' Python modules exist only there
readonly BUCKET=${AUDIOSTORE_LIVE_BUCKET:-audiostore-live}

exec 3>&2 # for people, also while a start writes its own stderr to a log
say() { printf '%s: %s\n' "${0##*/}" "$*" >&3; }
die() { say "$*"; exit 1; }

usage() { # the comment at the top of the script
  awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0" >&2
  exit 2
}

# --- installing -------------------------------------------------------------------------------------------------------

# Debian starts a service as soon as its package is installed, also on outside addresses; the tests start their own.
readonly POLICY=/usr/sbin/policy-rc.d
forbid_services() {
  [ ! -e "$POLICY" ] || return 0
  trap 'rm -f "$POLICY"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
}

install_server() {
  [ "$(id -u)" = 0 ] || die "install needs root"
  export DEBIAN_FRONTEND=noninteractive
  forbid_services
  apt-get -o DPkg::Lock::Timeout=300 -q update
  apt-get -o DPkg::Lock::Timeout=300 -qy --no-install-recommends install "${PACKAGES[@]}"
}

# --- daemons ----------------------------------------------------------------------------------------------------------

birth_of() { # birth_of PID: prints its start time; fails if there is no such process or only its zombie (proc(5))
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] && echo "${fields[19]}"
}

is_alive() { # is_alive PID BIRTH
  [ -n "$2" ] && [ "$(birth_of "$1")" = "$2" ]
}

launch() { # launch NAME COMMAND...: the command must stay in its foreground; it outlives this shell
  local name=$1
  shift
  setsid "$@" >"$state/log/$name.log" 2>&1 3>&- </dev/null &
  echo "$name $! $(birth_of $!)" >>"$daemons"
}

dead_daemon() { # prints the name of the first daemon that is no longer there; fails if all are
  local name pid birth
  while read -r name pid birth; do
    is_alive "$pid" "$birth" || { echo "$name"; return 0; }
  done <"$daemons"
  return 1
}

end_process() { # end_process PID BIRTH
  local signal deadline
  for signal in TERM KILL; do
    is_alive "$1" "$2" || return 0
    kill -s "$signal" "$1" 2>/dev/null || true
    deadline=$((SECONDS + END_SECONDS))
    while is_alive "$1" "$2" && ((SECONDS < deadline)); do sleep 0.05; done
  done
  ! is_alive "$1" "$2" || say "process $1 does not end"
}

stop_server() { # those launched last end first
  local name pid birth
  [ -f "$daemons" ] || return 0
  while read -r name pid birth; do
    end_process "$pid" "$birth"
  done < <(tac "$daemons")
  : >"$daemons"
}

# --- starting ---------------------------------------------------------------------------------------------------------

free_ports() { # free_ports COUNT: prints that many ports of 127.0.0.1 which nobody has now
  "$PYTHON" - "$1" <<'END'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))
END
}

random_hex() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
random_secret() { head -c 30 /dev/urandom | base64; } # 40 characters; `/` and `+` among them, as AWS has

# wait_for WHAT COMMAND...: until the command, which must bound itself, succeeds; dies if a daemon ends or time runs out
wait_for() {
  local what=$1 deadline=$((SECONDS + WAIT_SECONDS)) dead
  shift
  until "$@" >"$state/log/wait.log" 2>&1; do
    ! dead=$(dead_daemon) || die "$dead ended while waiting for $what"
    ((SECONDS < deadline)) || die "no $what after $WAIT_SECONDS s"
    sleep 0.1
  done
}

loopback_curl() { curl -q -sS --noproxy '*' -m 10 --fail-with-body "$@"; }

# curl 7.88 signs with --aws-sigv4 but leaves this header to the caller, and S3 requires it. The keys come from a file
# because `-u` would cut an access key at its colon (Swift's have one).
s3_request() { # s3_request METHOD PATH [CURL OPTION...]
  local method=$1 path=$2
  shift 2
  loopback_curl -X "$method" --netrc-file "$state/netrc" --aws-sigv4 "aws:amz:$REGION:s3" \
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$@" "$endpoint/$path"
}

make_bucket() { # and pay now for what the server does only at the first object
  printf 'default login %s password %s\n' "$access_key" "$secret_key" >"$state/netrc"
  s3_request PUT "$BUCKET" --data-binary '' || die "cannot create the bucket $BUCKET"
  s3_request PUT "$BUCKET/warm-up" --data-binary x || die "cannot write to the bucket $BUCKET"
  s3_request DELETE "$BUCKET/warm-up" || die "cannot delete from the bucket $BUCKET"
}

claim_directory() { # an empty $state; refuses to clear what no earlier start has made
  [[ $state != *[[:space:]]* ]] || die "$state: white space in the path does not get through the servers' settings"
  if [ -f "$daemons" ]; then
    stop_server
    find "$state" -xdev -mindepth 1 -delete
  fi
  mkdir -p "$state"
  [ -z "$(ls -A "$state")" ] || die "$state is neither empty nor ours: left alone"
  mkdir "$state/log"
  : >"$daemons"
}

print_variables() {
  printf 'export AUDIOSTORE_LIVE_%s=%q\n' \
    ENDPOINT "$endpoint" REGION "$REGION" BUCKET "$BUCKET" \
    ACCESS_KEY_ID "$access_key" SECRET_ACCESS_KEY "$secret_key" \
    ALT_ACCESS_KEY_ID "$alt_access_key" ALT_SECRET_ACCESS_KEY "$alt_secret_key" \
    "${more_variables[@]}"
}

abandon_start() {
  say "start failed; the logs in $state/log end so:"
  tail -n 8 "$state"/log/*.log >&3
  stop_server
}

start() {
  local program
  for program in "${PROGRAMS[@]}" "$PYTHON" curl; do
    command -v "$program" >/dev/null || die "$program is missing: run '$0 install' first"
  done
  umask 077
  claim_directory
  trap abandon_start EXIT
  access_key=$(random_hex 10) secret_key=$(random_secret)
  alt_access_key=$(random_hex 10) alt_secret_key=$(random_secret)
  endpoint='' more_variables=()
  {
    start_server
    make_bucket
  } >"$state/log/setup.log" 2>&1
  trap - EXIT
  print_variables
}

live_main() { # live_main VERB [DIR]
  case "$#-${1-}" in
    1-install) install_server ;;
    2-start | 2-stop)
      state=$(realpath -m -- "$2")
      daemons=$state/audiostore-live.pids
      if [ "$1" = start ]; then start; else stop_server; fi
      ;;
    *) usage ;;
  esac
}
