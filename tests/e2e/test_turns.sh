#!/usr/bin/env bash
# Fits with large factors take turns at the end of the grid: less memory, a few passes more, as
# `riata plan` says, and the same results as with all fits side by side, which fits go where it is
# said how much memory there is.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
! sanitizers >/dev/null || skip "a sanitizer takes memory of its own"

expect_done "$RIATA" simulate -n 980 -p 4000 --kind genotype --support 20 -o data.h5
many=(--folds 60 --alphas 20)
expect_done "$RIATA" cv data.h5 "${many[@]}" --threads 1 -o out/turns
expect_done "$RIATA" cv data.h5 "${many[@]}" --threads 2 --memory 8G -o out/together
for table in curve features score; do
  cmp "out/turns.$table.tsv" "out/together.$table.tsv" || wrong "turns change the $table"
done
expect_done "$RIATA" plan data.h5 "${many[@]}" --cores 1
reads=$(sed -nE 's/^Way .*about ([0-9]+),.*/\1/p' out.txt)
python3 - "$reads" <<'PYTHON' || failures=$((failures + 1))
import json, sys
turns, together = (json.load(open(f"out/{name}.json")) for name in ("turns", "together"))
passes = [run["passes_over_x"] for run in (turns, together)]
memory = [run["peak_rss_mb"] for run in (turns, together)]
print(f"passes {passes[0]:.1f}, said {sys.argv[1]}, together {passes[1]:.1f};",
      f"memory {memory[0]:.0f} MB, together {memory[1]:.0f} MB")
good = passes[1] + 1 < passes[0] < passes[1] + 5 and abs(float(sys.argv[1]) - passes[0]) < 4
sys.exit(not (good and memory[0] < memory[1] - 25))
PYTHON
finish
