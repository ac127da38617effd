#!/usr/bin/env bash
# Makes this clone ready to run: Debian packages, npm packages, build. What is there already is
# left alone, so that a second run ends at once. `--quiet` prints only what it has to do; `--clients`
# also brings OpenStack's command, its SDK and Keystone, which the acceptance runs; `--ovn` brings
# OVN, which Heddle is measured beside; `--kernel` brings QEMU and, without installing it, Debian's
# kernel, for the lab's tests on the datapath of the kernel.
#
# Usage: tools/setup.sh [--quiet] [--clients] [--ovn] [--kernel]
# Works before any npm package exists: bash and coreutils alone, until Node is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly NODE_MIN='20.19.0'
# What must be on the path, and the Debian package that brings it. python3, which sends the lab's
# raw frames, comes with openvswitch-switch. DHCP clients, dig, dnsmasq and keepalived run in VMs of the lab alone.
NEEDED=(
  ovs-vswitchd:openvswitch-switch
  /usr/bin/python3:python3
  redis-server:redis-server
  ping:iputils-ping
  ip:iproute2
  ethtool:ethtool
  tcpdump:tcpdump
  sysctl:procps
  dhclient:isc-dhcp-client
  udhcpc:udhcpc
  dhcpcd:dhcpcd-base
  iperf3:iperf3
  dig:bind9-dnsutils
  dnsmasq:dnsmasq-base
  keepalived:keepalived
)
# The command depends on the SDK.
readonly CLIENTS=(
  openstack:python3-openstackclient
  keystone-manage:python3-keystone
)
readonly OVN=(
  ovn-northd:ovn-central
  ovn-controller:ovn-host
)
readonly KERNEL=(
  qemu-system-x86_64:qemu-system-x86
  depmod:kmod
)
# Services that Debian would start at installation. Ours run under the lab and the controller,
# each with its own folder; the system's instances are never used.
readonly SERVICES=(openvswitch-switch.service ovs-vswitchd.service ovsdb-server.service
  redis-server.service ovn-central.service ovn-host.service ovn-controller.service
  ovn-northd.service ovn-ovsdb-server-nb.service ovn-ovsdb-server-sb.service
  keepalived.service)
readonly NPM_STAMP='node_modules/.heddle-stamp'
readonly BUILD_STAMP='dist/.heddle-stamp'

QUIET=no
WITH_KERNEL=no
for argument in "$@"; do
  case "$argument" in
    --quiet) QUIET=yes ;;
    --clients) NEEDED+=("${CLIENTS[@]}") ;;
    --ovn) NEEDED+=("${OVN[@]}") ;;
    --kernel) WITH_KERNEL=yes ;;
    *)
      echo "setup: unknown argument $argument (see the head of this file)" >&2
      exit 1
      ;;
  esac
done
# Elsewhere the tests that need it are skipped, and say so.
if [[ $WITH_KERNEL == yes && $(uname -m) == x86_64 ]]; then NEEDED+=("${KERNEL[@]}"); else WITH_KERNEL=no; fi
# Tools of the administrator are not on every user's path.
export PATH="$PATH:/usr/sbin:/sbin"

say() { echo "setup: $*"; }
chat() { [[ $QUIET == yes ]] || say "$@"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}

# Is version $1 at least version $2?
at_least() { [[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" == "$2" ]]; }

check_node() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    fail "Node.js >= $NODE_MIN and npm are missing; install them from https://nodejs.org/ (or your package manager)."
  local version
  version="$(node --version)"
  at_least "${version#v}" "$NODE_MIN" ||
    fail "Node.js ${version} is too old, >= $NODE_MIN is needed; get it from https://nodejs.org/."
}

missing_packages() {
  local entry
  for entry in "${NEEDED[@]}"; do
    command -v "${entry%%:*}" >/dev/null || echo "${entry##*:}"
  done
}

install_packages() {
  local packages=("$@") log
  local by_hand="apt-get install ${packages[*]}"
  [[ $EUID -eq 0 ]] || fail "missing Debian packages; run this as root, or once: sudo $by_hand"
  command -v apt-get >/dev/null ||
    fail "missing on this system: ${packages[*]} (Debian's names; there is no apt-get here to install them)."
  log="$(mktemp)"
  say "installing Debian packages: ${packages[*]}"
  mask_services
  if ! apt_install "${packages[@]}" >"$log" 2>&1; then
    fail "apt-get could not install ${packages[*]} (no network? details in $log); when that is solved, run this again, or: $by_hand"
  fi
  unmask_services
  rm -f "$log"
}

apt_install() {
  # RUNLEVEL=1 keeps invoke-rc.d from starting a service on systems without systemd.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get install -y --no-install-recommends "$@" && return
  apt-get update && apt-get install -y --no-install-recommends "$@"
}

# Only services whose package is not there yet: an administrator's own stay as they are.
MASKED=()
mask_services() {
  [[ -d /run/systemd/system ]] || return 0
  local service
  for service in "${SERVICES[@]}"; do
    systemctl cat "$service" >/dev/null 2>&1 && continue
    if systemctl mask --runtime --quiet "$service"; then MASKED+=("$service"); fi
  done
}
unmask_services() {
  ((${#MASKED[@]} == 0)) || systemctl unmask --runtime --quiet "${MASKED[@]}"
  MASKED=()
}
trap unmask_services EXIT

bring_kernel() {
  bash tools/kernel.sh --path >/dev/null && return
  say "unpacking Debian's kernel"
  local log
  log="$(mktemp)"
  bash tools/kernel.sh >"$log" 2>&1 || fail "the kernel could not be brought (no network? details in $log)"
  rm -f "$log"
}

npm_fingerprint() { echo "$(sha256sum <package-lock.json) $(node -p process.versions.modules)"; }

npm_current() {
  [[ -f $NPM_STAMP ]] && [[ "$(<"$NPM_STAMP")" == "$(npm_fingerprint)" ]] && return
  # Installed by hand: npm writes its own copy of the lock file last.
  [[ -f node_modules/.package-lock.json && ! -f $NPM_STAMP ]] &&
    [[ ! package-lock.json -nt node_modules/.package-lock.json ]] &&
    npm_fingerprint >"$NPM_STAMP"
}

install_npm_packages() {
  say 'installing npm packages (npm ci)'
  local log
  log="$(mktemp)"
  if ! npm ci --no-audit --no-fund --loglevel=error >"$log" 2>&1; then
    fail "npm ci failed (no network or registry? details in $log); when that is solved, run this again, or: npm ci"
  fi
  rm -f "$log"
  npm_fingerprint >"$NPM_STAMP"
}

# Sources, their folders (a file removed or added touches them) and what decides how they compile.
build_current() {
  [[ -f $BUILD_STAMP ]] || return 1
  local sources=()
  for path in src lab tools bench tsconfig.json tsconfig.build.json package-lock.json; do
    [[ -e $path ]] && sources+=("$path")
  done
  [[ -z "$(find "${sources[@]}" -newer "$BUILD_STAMP" -print -quit)" ]]
}

build() {
  say 'building (tsc)'
  mkdir -p dist
  # The stamp carries the time before the build: what changes meanwhile is built next time.
  touch "$BUILD_STAMP.next"
  node_modules/.bin/tsc -p tsconfig.build.json || fail 'the build failed, see above.'
  copy_assets
  mv "$BUILD_STAMP.next" "$BUILD_STAMP"
}

# What the programs read beside their own code, which tsc leaves behind.
copy_assets() {
  local asset
  while IFS= read -r -d '' asset; do
    mkdir -p "dist/$(dirname "$asset")"
    cp "$asset" "dist/$asset"
  done < <(find src -type f ! -name '*.ts' -print0)
}

main() {
  check_node
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} == 0)) || fail "still missing after installation: ${missing[*]}"
  [[ $WITH_KERNEL == no ]] || bring_kernel
  npm_current || install_npm_packages
  build_current || build
  [[ $EUID -eq 0 ]] || chat 'not root: the lab (and every lab test) needs network namespaces and will be skipped or refused'
  chat 'ready'
}

main
