# Sourced by the scripts that a newcomer runs: installs what is missing, or says what to install.
# shellcheck shell=bash

build_packages=(g++ cmake ninja-build pkg-config ca-certificates libcurl4-openssl-dev libssl-dev libtinyxml2-dev libfmt-dev
  nlohmann-json3-dev libcpp-httplib-dev libcli11-dev libsqlitecpp-dev)
test_packages=("${build_packages[@]}" catch2 openssl curl python3 python3-botocore python3-jsonschema python3-yaml)
# shellcheck disable=SC2034  # read by the scripts that source this
ci_packages=(git ccache clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev shellcheck awscli s3cmd rclone python3-s3transfer)

# need_packages NAME...: installs those Debian packages that are not there yet, as root or through sudo.
need_packages() {
  command -v dpkg-query >/dev/null || {
    echo "This is no Debian or Ubuntu. Please install what these packages hold: $*" >&2
    return 0
  }
  # shellcheck source=/dev/null
  (. /etc/os-release && [ "${ID:-}-${VERSION_ID:-}" = debian-12 ]) ||
    echo "Note: written for Debian 12. Elsewhere other versions of Catch2 (2.13) and cpp-httplib (0.11) may not build." >&2
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
      echo "Please install, as root: apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}" >&2
  "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
