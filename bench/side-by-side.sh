#!/usr/bin/env bash
# Runs one workload on OVN and on Heddle, one after the other, with scripts that start either
# (docs/performance.md). OVN comes from Debian's packages, whose services are not started: the
# scripts run their own.
#
# Usage: npm run side-by-side -- FOLDER [PART…]     FOLDER holds run_all.sh; PART is a or b
# As root. ROUNDS=n, BIG=1 and OUT=folder are run_all.sh's own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts="${1:?usage: npm run side-by-side -- FOLDER [PART…]}"
shift
bash tools/setup.sh --ovn

# br-int of an enrolled host speaks OpenFlow 1.5 alone, and the scripts count flows with the
# ovs-ofctl that they find, which asks in 1.0 when nobody says more.
tools="$(mktemp -d)"
trap 'rm -rf "$tools"' EXIT
printf '#!/bin/sh\nexec %s -O OpenFlow10,OpenFlow15 "$@"\n' "$(command -v ovs-ofctl)" \
  >"$tools/ovs-ofctl"
chmod +x "$tools/ovs-ofctl"

PATH="$tools:$PATH" CONTROLLER="node $PWD/dist/bench/backend.js" \
  "$scripts/run_all.sh" "${@:-a}"
