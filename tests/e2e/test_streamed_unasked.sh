#!/usr/bin/env bash
# Where X and the fits do not fit into what a node has free, and nothing is said of memory, the run
# keeps to what is free, as --memory would have it, and says so: on the screen, in the log and in the
# result. What is free is told here as Slurm tells it. The answer is that of a run in memory.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
unset SLURM_MEM_PER_NODE SLURM_MEM_PER_CPU SLURM_CPUS_ON_NODE

expect_done "$RIATA" simulate -n 600 -p 60000 --support 30 --storage f32 -o data.h5
options=(data.h5 --threads 1)
expect_done "$RIATA" cv "${options[@]}" --folds 3 -o out/memory
! grep -q '"kept_to_mb"' out/memory.json || wrong 'a run in memory is said to be streamed'

# kept NAME MB: streamed, in less than that many MB, with the same answer.
kept() {
  expect_text "free on a node: going on as with --memory $2M" err.txt
  expect_text "free on a node: going on as with --memory $2M" "out/$1.log"
  expect_text "^Streamed +X was left in its file" "out/$1.log"
  cmp out/memory.curve.tsv "out/$1.curve.tsv" || wrong "$1: another curve"
  cmp out/memory.features.tsv "out/$1.features.tsv" || wrong "$1: other features"
  python3 - "out/$1.json" "$2" <<'PYTHON' || failures=$((failures + 1))
import json, sys
result, said = json.load(open(sys.argv[1])), float(sys.argv[2])
x = 4e-6 * result["n"] * result["p"]
print(f"X {x:.0f} MB, kept to {result['kept_to_mb']:.1f} MB: peak {result['peak_rss_mb']:.0f} MB")
sys.exit(0 if x > result["kept_to_mb"] > result["peak_rss_mb"] and round(result["kept_to_mb"]) == said else 1)
PYTHON
}
# 130 MB of 2^20 bytes, less a tenth
expect_done env SLURM_MEM_PER_NODE=130 "$RIATA" cv "${options[@]}" --folds 3 -o out/node
kept node 123
expect_done env SLURM_MEM_PER_CPU=65 SLURM_CPUS_ON_NODE=2 "$RIATA" cv "${options[@]}" --folds 3 -o out/cpu
kept cpu 123
expect_done "$RIATA" path "${options[@]}" -o out/path.memory
expect_done env SLURM_MEM_PER_NODE=110 "$RIATA" path "${options[@]}" -o out/path
expect_text 'going on as with --memory' err.txt
cmp out/path.memory.curve.tsv out/path.curve.tsv || wrong 'path: another curve'

# address space that is bounded: what threads set aside in it is not for X
if ! sanitizers >/dev/null; then
  # shellcheck disable=SC2016 # bash's own
  expect_done bash -c 'ulimit -v 480000 && OPENBLAS_NUM_THREADS=1 exec "$@"' - "$RIATA" cv "${options[@]}" --folds 3 -o out/address
  expect_text 'free on a node: going on as with --memory' err.txt
  cmp out/memory.curve.tsv out/address.curve.tsv || wrong 'ulimit -v: another curve'
fi

# Enough, or all of the node: in memory, and nothing is said.
for free in 0 4000; do
  expect_done env SLURM_MEM_PER_NODE="$free" "$RIATA" cv "${options[@]}" --folds 3 -o out/enough
  ! grep -q 'free on a node' err.txt || wrong "SLURM_MEM_PER_NODE=$free: streamed"
done
expect_error 3 'data.h5: not enough memory: [0-9]+ MB may be used, and with X \(144 MB\) left in the file' \
  env SLURM_MEM_PER_NODE=30 "$RIATA" cv "${options[@]}" --folds 3 -o out/none
[ ! -e out/none.h5 ] || wrong 'a result without memory'
expect_error 3 'data.h5: not enough memory on .*X 14[0-9.]+ MB.* use fewer ranks a node' \
  env SLURM_MEM_PER_NODE=130 "$RIATA" cv "${options[@]}" --folds 3 --adaptive lasso -o out/none
finish
