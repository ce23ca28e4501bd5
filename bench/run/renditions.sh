#!/usr/bin/env bash
# Renditions: rate, quality, memory, beside the peers that scripts/peers has installed, and a chart.
# Prints the tables, and writes them into docs/PERFORMANCE.md and docs/images/renditions.svg.
# Takes half an hour; TINTYPE_BENCH_QUICK=1 only shows that everything works, and writes nothing.
# Arguments go to bench/rendition_bench.py, e.g. --rounds 3 --renditions 2000.
set -euo pipefail
cd "$(dirname "$0")/../.."
export TINTYPE_BUILD=${TINTYPE_BUILD:-build/bench}

# A peer that cannot be installed here is left out of the tables, which say so.
for peer in ssimulacra2 sharp oximg standin; do
  scripts/peers "$peer" || echo "$peer is left out."
done

measure=(--rounds 5 --seconds 3 --renditions 20000)
if [[ -n ${TINTYPE_BENCH_QUICK:-} ]]; then
  measure=(--rounds 1 --seconds 1 --renditions 200)
  export TINTYPE_BENCH_RESULTS=build/bench-results/quick
fi

/usr/bin/python3 -u bench/rendition_bench.py "${measure[@]}" "$@"
if [[ -x .peers/bin/tintype-ssimulacra2 && -d .peers/sharp/node_modules ]]; then
  /usr/bin/python3 -u bench/quality_bench.py
fi
if [[ -z ${TINTYPE_BENCH_QUICK:-} ]]; then
  /usr/bin/python3 bench/rendition_tables.py docs/PERFORMANCE.md
  /usr/bin/python3 bench/chart.py docs/images/renditions.svg
fi
