#!/usr/bin/env bash
# Fits with large factors take turns at the end of the grid: less memory, a few passes more, as
# `riata plan` says, and the same results as with all fits side by side, which fits go where it is
# said how much memory there is.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
! sanitizers >/dev/null || skip "a sanitizer takes memory of its own"

# peak FILE COMMAND...: writes the largest resident memory, which the system counts, in MB; riata itself
# looks now and then, and may miss it on a busy machine.
peak() {
  expect_done python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[2:], check=True)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
open(sys.argv[1], "w").write(f"{most}\n")' "$@"
}

expect_done "$RIATA" simulate -n 980 -p 4000 --kind genotype --support 20 -o data.h5
many=(--folds 60 --alphas 20 --tol 1e-7) # factors are of doubles
peak turns.mb "$RIATA" cv data.h5 "${many[@]}" --threads 1 -o out/turns
peak together.mb "$RIATA" cv data.h5 "${many[@]}" --threads 2 --memory 8G -o out/together
for table in curve features score; do
  cmp "out/turns.$table.tsv" "out/together.$table.tsv" || wrong "turns change the $table"
done
expect_done "$RIATA" plan data.h5 "${many[@]}" --cores 1
reads=$(sed -nE 's/^Way .*about ([0-9]+),.*/\1/p' out.txt)
python3 - "$reads" <<'PYTHON' || failures=$((failures + 1))
import json, sys
names = "turns", "together"
passes = [json.load(open(f"out/{name}.json"))["passes_over_x"] for name in names]
memory = [float(open(f"{name}.mb").read()) for name in names]
print(f"passes {passes[0]:.1f}, said {sys.argv[1]}, together {passes[1]:.1f};",
      f"memory {memory[0]:.0f} MB, together {memory[1]:.0f} MB")
good = passes[1] + 1 < passes[0] < passes[1] + 5 and abs(float(sys.argv[1]) - passes[0]) < 4
sys.exit(not (good and memory[0] < memory[1] - 25))
PYTHON
finish
