#!/usr/bin/env bash
# X larger than memory: results, down to the byte, are those of X in memory, for every storage type
# and layout, for any number of ranks, and for what reads single columns; memory stays within
# --memory; and a damaged file ends the run, on every rank, with its sentence.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
grid=(--alphas 20 --folds 4)
# shellcheck source-path=SCRIPTDIR source=streams.sh
. "$RIATA_SOURCE/tests/e2e/streams.sh"

for kind in 'gaussian f64' 'gaussian f32' 'genotype i8' 'genotype packed2'; do
  read -r what storage <<<"$kind"
  expect_done "$RIATA" simulate -n 203 -p 1500 --kind "$what" --storage "$storage" -o "$storage.h5"
  both "$storage" "$storage.h5"
done
expect_done "$RIATA" simulate -n 203 -p 1500 --missing-rate 0.02 --bfile genes
both bed --bfile genes
both shooting f64.h5 --solver shooting --tol 1e-4 --eps 0.1
both loco --bfile genes --loco drop
cmp out/memory.loco.tsv out/stream.loco.tsv || wrong 'other predictions without a chromosome'

"$RIATA" cv f32.h5 --alphas 20 --folds 4 -q -o out/memory
for ranks in 2 3 5; do
  expect_done mpirun -n "$ranks" "$RIATA" cv f32.h5 --alphas 20 --folds 4 --threads 1 --stream -o out/ranks
  same ranks "$ranks ranks"
done

finish
