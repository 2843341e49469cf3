#!/usr/bin/env bash
# Memory of cv: at most 1.5 times the stored X plus 200 MB, all ranks of the node together, with one
# copy of X among them (n = 1000, p = 50000, f64: X is 400 MB).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
available=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
[ "$available" -gt 2000 ] || skip "2 GB of free memory are needed"

expect_done "$RIATA" simulate -n 1000 -p 50000 --support 50 -o data.h5
for ranks in 1 2; do
  expect_done mpirun -n "$ranks" "$RIATA" cv data.h5 --threads $((3 - ranks)) -o "out/$ranks"
  python3 - "out/$ranks.json" <<'PYTHON' || failures=$((failures + 1))
import json, sys
result = json.load(open(sys.argv[1]))
limit = 1.5 * result["n"] * result["p"] * 8 / 1e6 + 200
print(f"ranks {result['ranks']}: peak {result['peak_rss_mb']:.0f} MB, allowed {limit:.0f} MB")
sys.exit(0 if 400 < result["peak_rss_mb"] <= limit else 1)
PYTHON
done

# Less memory: fits in batches, the same result; too little: a sentence, before X is read.
expect_done "$RIATA" simulate -n 300 -p 4000 --support 20 -o small.h5
expect_done "$RIATA" cv small.h5 --threads 1 -o out/free
expect_error 1 'memory 20M is too little: .* needs about [0-9]+ MB' "$RIATA" cv small.h5 --threads 1 --memory 20M -o out/none
least=$(sed -nE 's/.* needs about ([0-9]+) MB.*/\1/p' err.txt)
expect_done "$RIATA" cv small.h5 --threads 1 --memory "${least}M" -o out/tight
cmp out/free.curve.tsv out/tight.curve.tsv || wrong 'the curve depends on --memory'
python3 - <<'PYTHON' || failures=$((failures + 1))
import json
free, tight = (json.load(open(f"out/{name}.json"))["passes_over_x"] for name in ("free", "tight"))
print(f"passes over X: {free:.1f} with all fits in hand, {tight:.1f} in batches")
raise SystemExit(0 if tight > 1.5 * free else 1)
PYTHON
expect_error 1 "memory: '1 cup' is not allowed" "$RIATA" cv small.h5 --memory '1 cup' -o out/none
cmp out/1.curve.tsv out/2.curve.tsv || wrong 'the curve depends on the ranks'
finish
