#!/bin/bash
# The first program on the root of an emulated machine (machine.ts): mounts what a system has, runs
# the command it was given, and ends the machine. Nothing but /run, /tmp and /dev can be written to.
#
#   /run/exchange/command             the command, a NUL behind each word
#   /run/exchange/{stdout,stderr,status}   what came of it
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/run/home NO_COLOR=1
OPTIONS=trans=virtio,version=9p2000.L,msize=524288

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mkdir -p /dev/pts /dev/shm /run/{home,lock,netns,exchange,kernel,repository}
mount -t devpts devpts /dev/pts
# Programs write to /tmp, whatever they are told; the repository may lie there.
REPOSITORY="$(cd "$(dirname "$0")/../.." && pwd)"
mount --bind "$REPOSITORY" /run/repository
mount -t tmpfs tmp /tmp
mkdir -p "$REPOSITORY"
mount --bind /run/repository "$REPOSITORY"
mount -t tmpfs shm /dev/shm
mount -t 9p -o "$OPTIONS,cache=none" exchange /run/exchange
mount -t 9p -o "$OPTIONS,cache=loose,ro" kernel /run/kernel
# The kernel asks this program for modules.
printf '#!/bin/sh\nexec modprobe -d /run/kernel "$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
for module in virtio_net openvswitch vport-geneve; do /run/modprobe "$module"; done
ip link set lo up

mapfile -d '' -t COMMAND </run/exchange/command
"${COMMAND[@]}" >/run/exchange/stdout 2>/run/exchange/stderr </dev/null
echo $? >/run/exchange/status
sync
echo o >/proc/sysrq-trigger
# The first program may not end before the machine does; no other can be read any more.
while true; do true; done
