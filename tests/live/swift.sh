#!/usr/bin/env bash
# A throw-away OpenStack Swift with its S3 interface (s3api) on loopback, for the live tests. Debian 12.
#
#   swift.sh install     get the packages (as root)
#   swift.sh start DIR   start a new, empty server that lives in DIR; print `export AUDIOSTORE_LIVE_...` lines on stdout
#   swift.sh stop DIR    end it; its objects stay in DIR until the next start. Safe to repeat
#
# AUDIOSTORE_LIVE_BUCKET names the bucket to create (default: audiostore-live).
# DIR must lie on a file system with user extended attributes.
# Path style with localhost or 127.0.0.1; bucket in the host with BUCKET.localhost, which libcurl resolves by itself.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

PACKAGES=(swift-proxy swift-account swift-container swift-object memcached curl)
PROGRAMS=(swift-proxy-server swift-account-server swift-container-server swift-object-server memcached)

check_attributes() {
  "$PYTHON" -c 'import os, sys; os.setxattr(sys.argv[1], "user.probe", b"1")' "$state" ||
    die "$state is on a file system without user extended attributes; choose another DIR"
}

write_cluster() { # the hash salt, one storage policy, and for each kind of server a ring with one device, "disk"
  mkdir -p "$state/devices/disk"
  printf '%s\n' '[swift-hash]' 'swift_hash_path_suffix = live' >"$state/swift.conf"
  "$PYTHON" - "$state" "account=$account_port" "container=$container_port" "object=$object_port" <<'END'
import sys
from swift.common.ring import RingBuilder

folder, *servers = sys.argv[1:]
for kind, port in (server.split("=") for server in servers):
    builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    builder.add_dev(dict(id=0, region=1, zone=1, ip="127.0.0.1", port=int(port), device="disk", weight=1))
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
END
}

default_section() { # default_section PORT; no workers: the process that was started is the one that serves
  cat <<END
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $1
workers = 0
user = $(id -un)
swift_dir = $state
devices = $state/devices
mount_check = false
fallocate_reserve = 0
log_level = WARNING
END
}

start_storage_server() { # start_storage_server KIND PORT
  {
    default_section "$2"
    printf '%s\n' '[pipeline:main]' "pipeline = $1-server" "[app:$1-server]" "use = egg:swift#$1"
  } >"$state/$1.conf"
  launch "$1" "swift-$1-server" "$state/$1.conf" -v
}

answers() { # answers PORT: any reply will do
  curl -q -sS --noproxy '*' -m 10 -o /dev/null "http://127.0.0.1:$1/"
}

# The proxy answers 503 for the first bucket as long as one of them does not listen.
wait_for_storage_servers() {
  wait_for "account server" answers "$account_port"
  wait_for "container server" answers "$container_port"
  wait_for "object server" answers "$object_port"
}

# Both users have the same account, so that the second one sees the first one's bucket and is refused by its ACL.
start_proxy() {
  local filter before="catch_errors gatekeeper healthcheck listing_formats bulk"
  local after="copy slo versioned_writes symlink"
  {
    default_section "$proxy_port"
    cat <<END
[pipeline:main]
pipeline = cache $before s3api tempauth $after proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$cache_port
[filter:tempauth]
use = egg:swift#tempauth
user_${access_key/:/_} = $secret_key .admin
user_${alt_access_key/:/_} = $alt_secret_key
[filter:s3api]
use = egg:swift#s3api
s3_acl = true
location = $REGION
storage_domain = localhost
END
    for filter in $before $after; do
      printf '%s\n' "[filter:$filter]" "use = egg:swift#$filter"
      [ "$filter" != versioned_writes ] || echo 'allow_object_versioning = true'
    done
  } >"$state/proxy.conf"
  launch proxy swift-proxy-server "$state/proxy.conf" -v
}

start_server() {
  check_attributes
  read -r proxy_port account_port container_port object_port cache_port < <(free_ports 5)
  endpoint=http://localhost:$proxy_port
  access_key=live:$access_key alt_access_key=live:$alt_access_key # s3api wants ACCOUNT:USER
  write_cluster
  launch cache memcached -l 127.0.0.1 -p "$cache_port" -m 16 -u "$(id -un)" # tempauth refuses to work without
  start_storage_server account "$account_port"
  start_storage_server container "$container_port"
  start_storage_server object "$object_port"
  start_proxy
  wait_for_storage_servers
  wait_for "proxy" loopback_curl "$endpoint/healthcheck"
}

live_main "$@"
