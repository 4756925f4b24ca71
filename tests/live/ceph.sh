#!/usr/bin/env bash
# A throw-away Ceph object gateway (radosgw) on loopback, for the live tests. Debian 12.
#
#   ceph.sh install      get the packages (as root)
#   ceph.sh start DIR    start a new, empty server that lives in DIR; print `export AUDIOSTORE_LIVE_...` lines on stdout
#   ceph.sh stop DIR     end it; its objects are gone. Safe to repeat
#
# AUDIOSTORE_LIVE_BUCKET names the bucket to create (default: audiostore-live).
# Path style with localhost or 127.0.0.1; bucket in the host with BUCKET.ceph.localhost, over http and https. libcurl
# resolves these names by itself, the C library need not know them.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

PACKAGES=(radosgw ceph-mon ceph-osd curl openssl)
PROGRAMS=(ceph ceph-mon ceph-osd monmaptool radosgw radosgw-admin openssl)

make_certificate() { # `*.localhost` would not do: OpenSSL takes no wildcard directly under a top-level name
  local tls=$state/tls key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  mkdir "$tls"
  openssl req -x509 "${key[@]}" -days 30 -subj "/CN=audiostore live test CA" -keyout "$tls/ca.key" -out "$tls/ca.crt" \
    -addext keyUsage=critical,keyCertSign
  openssl req "${key[@]}" -subj /CN=ceph.localhost -keyout "$tls/server.key" -out "$tls/server.csr"
  openssl x509 -req -in "$tls/server.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial -days 30 \
    -out "$tls/server.crt" \
    -extfile <(echo 'subjectAltName=DNS:ceph.localhost,DNS:*.ceph.localhost,DNS:localhost,IP:127.0.0.1')
}

# One monitor, one in-memory OSD, no authentication between the daemons, one copy of everything: quick and small.
# `ms mon client mode`: radosgw asks for an encrypted link by default, which needs the authentication that is off here.
write_configuration() { # write_configuration FSID
  local tls_options="ssl_endpoint=127.0.0.1:$tls_port"
  tls_options+=" ssl_certificate=$state/tls/server.crt ssl_private_key=$state/tls/server.key"
  cat <<END
[global]
fsid = $1
mon host = [v2:127.0.0.1:$mon_port]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
keyring = /dev/null
admin socket =
pid file =
log file =
log to stderr = true
mon cluster log file =
osd pool default size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off

[mon]
mon data = $state/mon
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
paxos propose interval = 0.05
paxos min wait = 0.01

[osd]
osd data = $state/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd class update on start = false

[client.rgw]
rgw data = $state/rgw
rgw frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:$http_port $tls_options
rgw thread pool size = 64
rgw run sync thread = false
# a deleted object's memory comes back after seconds, not hours
rgw gc obj min wait = 10
rgw gc processor period = 10
rgw gc processor max time = 10
END
}

start_mon() { # start_mon FSID
  mkdir "$state/mon"
  monmaptool --create --fsid "$1" --addv a "[v2:127.0.0.1:$mon_port]" "$state/monmap"
  ceph-mon -c "$conf" -i a --mkfs --monmap "$state/monmap"
  launch mon ceph-mon -c "$conf" -i a -f
}

ceph_command() { timeout 10 ceph -c "$conf" --connect-timeout 5 "$@"; }
admin() { timeout 30 radosgw-admin -c "$conf" -n client.rgw --no-mon-config "$@"; }
osd_is_up() { ceph_command osd dump | grep -q '^osd\.0 up'; }

start_osd() {
  local uuid
  uuid=$(</proc/sys/kernel/random/uuid)
  mkdir "$state/osd"
  ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$uuid" --no-mon-config
  wait_for "monitor" ceph_command osd new "$uuid" 0
  launch osd ceph-osd -c "$conf" -i 0 -f
  wait_for "OSD" osd_is_up
}

make_user() { # make_user NAME ACCESS_KEY SECRET_KEY; the answer, which repeats the secret, stays out of the log
  admin user create --uid="$1" --display-name="$1" --access-key="$2" --secret-key="$3" >/dev/null
}

# The gateway takes a host that is not among these names, nor an address, for a bucket.
set_region_and_host_names() {
  admin zonegroup get | "$PYTHON" -c 'import json, sys
group = json.load(sys.stdin)
group.update(api_name=sys.argv[1], hostnames=["ceph.localhost", "localhost"])
json.dump(group, sys.stdout)' "$REGION" >"$state/zonegroup.json"
  admin zonegroup set --infile="$state/zonegroup.json" >/dev/null
}

start_server() {
  local fsid
  fsid=$(</proc/sys/kernel/random/uuid)
  conf=$state/ceph.conf
  read -r http_port tls_port mon_port < <(free_ports 3)
  endpoint=http://localhost:$http_port
  make_certificate
  write_configuration "$fsid" >"$conf"
  start_mon "$fsid"
  start_osd
  make_user main "$access_key" "$secret_key"
  make_user alt "$alt_access_key" "$alt_secret_key"
  set_region_and_host_names
  mkdir "$state/rgw"
  launch rgw radosgw -c "$conf" -n client.rgw -f
  wait_for "gateway" loopback_curl "$endpoint/"
  more_variables=(TLS_ENDPOINT "https://ceph.localhost:$tls_port" CA_FILE "$state/tls/ca.crt")
}

live_main "$@"
