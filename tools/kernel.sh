#!/usr/bin/env bash
# Brings Debian's kernel, whose Open vSwitch module the lab runs in an emulated machine where this
# machine has none (lab/machine/machine.ts). Nothing is installed: the package is unpacked into a cache.
#
#   ~/.cache/heddle/kernel/vmlinuz              the kernel
#   ~/.cache/heddle/kernel/initrd               finds the machine's root, runs $HEDDLE_INIT there
#   ~/.cache/heddle/kernel/lib/modules/VERSION  modules of the network, and what finds the root
#
# Usage: tools/kernel.sh [--path]     --path: says where the cache is, and whether it is complete
# Needs apt-get, dpkg and depmod. The machine has no libraries yet when its first program runs, so
# that comes from a package of its own, linked statically, whatever busybox this machine has.
set -euo pipefail

readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/heddle/kernel"
readonly META_PACKAGE=linux-image-amd64
# Of thousands of modules these are kept.
readonly MODULES=(net lib crypto arch drivers/net/{veth,geneve,tun,virtio_net,net_failover}.ko
  drivers/net/vxlan drivers/virtio fs/9p fs/netfs fs/fscache)
# What must be loaded before there is a root.
readonly BOOT_MODULES=(virtio_pci 9pnet_virtio 9p)

# The first program of the machine. Its root is the file system of this machine, read only.
readonly INIT='#!/bin/busybox sh
b=/bin/busybox
for module in /modules/*.ko; do $b insmod "$module"; done
if $b mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro root /root; then
  $b mount -t devtmpfs dev /root/dev
  exec $b switch_root /root /bin/bash "$HEDDLE_INIT"
fi
$b poweroff -f
'

unpack() {
  local into="$1" package version module kept
  package="$(apt-cache depends --important "$META_PACKAGE" | sed -n 's/^ *Depends: *//p' | head -n 1)"
  [[ -n $package ]] || package="$META_PACKAGE"
  (cd "$into" && apt-get download "$package" busybox-static)
  dpkg -x "$into"/linux-image-*.deb "$into/package"
  dpkg -x "$into"/busybox-static_*.deb "$into/static"
  version="$(ls "$into/package/lib/modules")"
  kept="$into/lib/modules/$version"
  mkdir -p "$kept/kernel"
  mv "$into/package/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$kept"
  for module in "${MODULES[@]}"; do
    mkdir -p "$kept/kernel/$(dirname "$module")"
    mv "$into/package/lib/modules/$version/kernel/$module" "$kept/kernel/$module"
  done
  depmod -b "$into" "$version"
  make_initrd "$into" "$version" "$into/static/bin/busybox"
  mv "$into/package/boot/vmlinuz-$version" "$into/vmlinuz"
  rm -r "$into/package" "$into/static" "$into"/*.deb
}

make_initrd() {
  local from="$1" version="$2" busybox="$3" tree="$1/initrd-tree" number=100 module
  mkdir -p "$tree"/{bin,modules,root}
  cp "$busybox" "$tree/bin/busybox"
  while read -r module; do
    cp "$module" "$tree/modules/$((number++))-$(basename "$module")"
  done < <(for module in "${BOOT_MODULES[@]}"; do
    modprobe -d "$from" -S "$version" --show-depends "$module"
  done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++')
  printf '%s' "$INIT" >"$tree/init"
  chmod +x "$tree/init"
  (cd "$tree" && find . | "$busybox" cpio -o -H newc 2>/dev/null) | gzip >"$from/initrd"
  rm -r "$tree"
}

main() {
  if [[ ${1:-} == --path ]]; then
    echo "$CACHE"
    [[ -e $CACHE/vmlinuz ]]
    return
  fi
  [[ ! -e $CACHE/vmlinuz ]] || return 0
  mkdir -p "$(dirname "$CACHE")"
  TEMPORARY="$(mktemp -d "$CACHE.XXXXXX")"
  trap 'rm -rf "$TEMPORARY"' EXIT
  unpack "$TEMPORARY"
  chmod 755 "$TEMPORARY"
  rm -rf "$CACHE"
  mv "$TEMPORARY" "$CACHE"
}

main "$@"
