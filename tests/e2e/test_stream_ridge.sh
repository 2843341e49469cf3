#!/usr/bin/env bash
# Ridge and least squares from an X that stays in its file: results are the bytes of a run in memory,
# with more features than samples and with fewer, for every storage type and layout and any number of
# ranks; X is read a few times, whatever the folds and alphas; memory stays within --memory.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
grid=(--folds 4 --alphas 8)
# shellcheck source-path=SCRIPTDIR source=streams.sh
. "$RIATA_SOURCE/tests/e2e/streams.sh"

ridge=(--l1-ratio 0)
for kind in 'gaussian f64 tall' 'gaussian f32 wide' 'genotype i8 tall' 'genotype packed2 wide'; do
  read -r what storage shape <<<"$kind"
  size=(-n 603 -p 90)
  [ "$shape" = tall ] || size=(-n 93 -p 700)
  expect_done "$RIATA" simulate "${size[@]}" --kind "$what" --storage "$storage" -o "$storage.h5"
  both "$storage" "$storage.h5" "${ridge[@]}"
done
expect_done "$RIATA" simulate -n 303 -p 150 --missing-rate 0.02 --bfile genes
both 'missing values' --bfile genes "${ridge[@]}"
awk 'BEGIN {
  srand(3)
  print "id\tage\tdose"
  for (i = 1; i <= 603; i++) printf "s%d\t%.3f\t%.4f\n", i, 50 + 9 * rand(), rand()
}' >covar.tsv
awk 'BEGIN {print "feature\tfactor"; print "x7\t0"; print "x9\t3"}' >factors.tsv
both 'covariates and factors, tall' f64.h5 "${ridge[@]}" --covar covar.tsv --penalty-factors factors.tsv
head -94 covar.tsv >few.tsv
both 'covariates and factors, wide' f32.h5 "${ridge[@]}" --covar few.tsv --penalty-factors factors.tsv
both 'ridge among others' f32.h5 --l1-ratio 0,0.5
both 'least squares at the end of a lasso' f64.h5 --alpha-list 0.3,0
for data in f64 f32; do
  expect_done "$RIATA" cv "$data.h5" "${grid[@]}" "${ridge[@]}" -o out/memory
  expect_done mpirun -n 3 "$RIATA" cv "$data.h5" "${grid[@]}" "${ridge[@]}" --threads 1 --stream -o out/ranks
  same ranks "$data on 3 ranks"
done
if command -v h5repack >/dev/null; then
  expect_done h5repack -l X:CHUNK=16x603 -f X:SHUF -f X:GZIP=1 f64.h5 packed.h5
  both 'compressed chunks, tall' packed.h5 "${ridge[@]}"
  expect_done h5repack -l X:CHUNK=50x93 -f X:FLET f32.h5 checked.h5
  both 'chunks that HDF5 reads, wide' checked.h5 "${ridge[@]}"
fi
expect_done "$RIATA" compare f32.h5 "${grid[@]}" -o out/memory
expect_done "$RIATA" compare f32.h5 "${grid[@]}" --stream -o out/stream
cmp <(cut -f 1-10 out/memory.repeats.tsv) <(cut -f 1-10 out/stream.repeats.tsv) ||
  wrong 'compare: other results' # seconds come last

# number FIELD: of out/stream.json
number() {
  tr ',' '\n' <out/stream.json | sed -nE "s/.*\"$1\": *([0-9.]+).*/\1/p"
}
# bounded NAME MB: few reads, whatever the folds and alphas, where memory does not matter; else more.
bounded() {
  local name=$1 most=$2 reads
  both "$name" "$name.h5" "${ridge[@]}"
  reads=$(number passes_over_x)
  awk -v reads="$reads" 'BEGIN {exit !(reads > 0 && reads < 10)}' || wrong "$name: $reads reads of X"
  expect_done "$RIATA" cv "$name.h5" "${grid[@]}" "${ridge[@]}" --threads 2 --stream --memory "${most}M" -o out/stream
  same stream "$name within $most MB"
  printf '%s: %s reads of X, or %s and %s MB of %s\n' \
    "$name" "$reads" "$(number passes_over_x)" "$(number peak_rss_mb)" "$most"
  sanitizers >/dev/null && return # one takes memory of its own
  awk -v peak="$(number peak_rss_mb)" -v most="$most" 'BEGIN {exit !(peak > 0 && peak < most)}' ||
    wrong "$name: more memory than it may take"
}
expect_done "$RIATA" simulate -n 12000 -p 200 -o tall.h5
bounded tall 150
expect_done "$RIATA" simulate -n 300 -p 30000 --storage f32 -o wide.h5
bounded wide 190
expect_error 1 '--memory 40M is too little: with X \(19 MB\) in memory' \
  "$RIATA" cv tall.h5 "${grid[@]}" "${ridge[@]}" --memory 40M -o out/none
truncate -s -1000 wide.h5
expect_error 1 'wide.h5' "$RIATA" cv wide.h5 "${grid[@]}" "${ridge[@]}" --stream -o out/damaged
finish
