#!/usr/bin/env bash
# X larger than --memory: 10 folds and 100 alphas in fewer than 40 reads of the file (45 on two ranks
# that have to make batches), with a peak of all ranks together below --memory, on one rank and on two;
# and a damaged chunk ends the run of every rank with a sentence that names it. RIATA_SOAK=1: 2,000 x
# 200,000 (X is 1.6 GB) within 700 MB, in fewer than 40 on both.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
if [ -n "${RIATA_SOAK:-}" ]; then
  n=2000 p=200000 memory=700 two='700 40'
else
  n=600 p=60000 memory=130 two='142 45' # two ranks: batches of fits
fi

expect_done "$RIATA" simulate -n "$n" -p "$p" --support 100 --storage f32 -o data.h5
expect_done "$RIATA" cv data.h5 --threads 2 --memory "${memory}M" -o out/stream
expect_done mpirun -n 2 "$RIATA" cv data.h5 --threads 1 --memory "${two% *}M" -o out/two
cmp out/stream.curve.tsv out/two.curve.tsv || wrong 'the curve depends on ranks'
for run in "stream $memory 40" "two $two"; do
  # shellcheck disable=SC2086 # words
  python3 - $run <<'PYTHON' || failures=$((failures + 1))
import json, sys
result, memory = json.load(open(f"out/{sys.argv[1]}.json")), float(sys.argv[2])
x = 4e-6 * result["n"] * result["p"]
print(f"X {x:.0f} MB, {len(result['ledger'])} ranks, --memory {memory:.0f}M: peak {result['peak_rss_mb']:.0f} MB, "
      f"{result['passes_over_x']:.1f} passes over X")
sys.exit(0 if x > memory > result["peak_rss_mb"] and result["passes_over_x"] < float(sys.argv[3]) else 1)
PYTHON
done
if [ -z "${RIATA_SOAK:-}" ]; then
  expect_done "$RIATA" cv data.h5 --threads 2 -o out/memory
  cmp out/memory.curve.tsv out/stream.curve.tsv || wrong 'the curve depends on --memory'
fi

if command -v h5repack >/dev/null; then
  expect_done "$RIATA" simulate -n 300 -p 4000 --support 20 -o small.h5
  expect_done h5repack -l X:CHUNK=40x300 -f X:SHUF -f X:GZIP=1 small.h5 packed.h5
  for how in --stream --quiet; do
    expect_done "$RIATA" cv small.h5 --alphas 20 -o out/plain
    expect_done mpirun -n 3 "$RIATA" cv packed.h5 --alphas 20 --threads 2 "$how" -o out/packed
    cmp out/plain.curve.tsv out/packed.curve.tsv || wrong "$how: the curve depends on compression"
  done
  python3 - <<'PYTHON'
with open("packed.h5", "r+b") as file:
    file.seek(file.seek(0, 2) // 2)
    file.write(b"damage" * 20)
PYTHON
  for how in --stream --quiet; do
    expect_error 1 'dataset /X cannot be read: the chunk that starts at feature [0-9]+, sample 1, is damaged' \
      mpirun -n 3 "$RIATA" cv packed.h5 --alphas 20 --threads 1 "$how" -o out/damaged
  done
fi
finish
