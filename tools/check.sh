#!/usr/bin/env bash
# Every check of this repository, cheapest first; the first that fails ends the run.
#
# Usage: tools/check.sh [--static]     --static: no tests
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# dependency-cruiser reports success when it understood nothing: fewer modules than this is a fault.
readonly MODULES_MIN=30

bash tools/setup.sh --quiet
PATH="$PWD/node_modules/.bin:$PATH"

step() {
  echo
  echo "== $1"
  shift
  "$@"
}

layers() {
  local report
  report="$(depcruise src --config .dependency-cruiser.mjs)" || {
    echo "$report"
    return 1
  }
  echo "$report" | tail -n 3
  local modules
  modules="$(sed -n 's/.*(\([0-9]*\) modules.*/\1/p' <<<"$report" | tail -n 1)"
  ((${modules:-0} > MODULES_MIN)) || {
    echo "only ${modules:-0} modules cruised: the layer rules were not checked"
    return 1
  }
}

# Generated files are equal to what their generator makes of the sources.
generated() {
  local tool
  for tool in modelgen docgen; do
    [[ ! -f dist/tools/$tool.js ]] || node "dist/tools/$tool.js" --check
  done
}

# biome colours even what goes into a file.
COLORS=off
[[ ! -t 1 ]] || COLORS=force
step 'format and imports (biome)' biome ci --colors="$COLORS" .
step 'lint (oxlint)' oxlint --type-aware
step 'types (tsc)' tsc -p tsconfig.json
step 'layers (dependency-cruiser)' layers
step 'dead code (knip)' knip
step 'generated files' generated
[[ "${1:-}" != '--static' ]] || exit 0
step 'tests without a switch' vitest run --project unit --project sequence --project simulation
step 'tests with sandbox switches and Redis' vitest run --project integration
bash tools/setup.sh --quiet --kernel
step 'tests with real packets' vitest run --project 'lab*'
