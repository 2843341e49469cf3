#!/usr/bin/env bash
# Many samples and few features, which are solved by second moments, from an X that stays in its file:
# results are the bytes of a run in memory, for every storage type and layout and any number of
# ranks; X is read a few times, not once for each fold or alpha; memory stays within --memory, and
# damage is told in a sentence.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
grid=(--folds 4 --alphas 40)
# shellcheck source-path=SCRIPTDIR source=streams.sh
. "$RIATA_SOURCE/tests/e2e/streams.sh"
command -v python3 >/dev/null || skip "no python3"

for kind in 'gaussian f64' 'gaussian f32' 'genotype i8' 'genotype packed2'; do
  read -r what storage <<<"$kind"
  expect_done "$RIATA" simulate -n 1003 -p 60 --support 9 --kind "$what" --storage "$storage" -o "$storage.h5"
  both "$storage" "$storage.h5"
done
both 'elastic net' f32.h5 --l1-ratio 0.5 --repeats 2
both 'certificates from X' f64.h5 --tol 1e-13 --eps 1e-3
expect_done "$RIATA" cv f64.h5 --stream -o out/few
for ranks in 2 3; do
  "$RIATA" cv f64.h5 --folds 4 --alphas 40 -q -o out/memory
  expect_done mpirun -n "$ranks" "$RIATA" cv f64.h5 --folds 4 --alphas 40 --threads 1 --stream -o out/ranks
  same ranks "$ranks ranks"
done
python3 - <<'PYTHON'
import random
random.seed(3)
with open("covar.tsv", "w") as out:
    print("id\tage\tdose", file=out)
    for i in range(1003):
        print(f"s{i + 1}\t{random.gauss(50, 9):.3f}\t{random.random():.4f}", file=out)
PYTHON
both covariates f64.h5 --covar covar.tsv
if command -v h5repack >/dev/null; then
  expect_done h5repack -l X:CHUNK=16x1003 -f X:SHUF -f X:GZIP=1 f64.h5 packed.h5
  both 'compressed chunks' packed.h5
  expect_done h5repack -l X:CHUNK=7x90 f32.h5 pieces.h5
  both 'chunks of some rows' pieces.h5
  expect_done h5repack -l X:CHUNK=7x90 -f X:FLET f32.h5 checked.h5
  both 'chunks that HDF5 reads' checked.h5
fi

# More rows than are decoded together, in less memory than X takes with all that is made from it.
expect_done "$RIATA" simulate -n 40000 -p 400 --support 40 -o long.h5
expect_done "$RIATA" cv long.h5 --folds 5 --alphas 40 --threads 2 -o out/memory
expect_done "$RIATA" cv long.h5 --folds 5 --alphas 40 --threads 2 --memory 170M -o out/stream
expect_text 'X stays in the file' out/stream.log
same stream 'several blocks of rows'
python3 - <<'PYTHON' || failures=$((failures + 1))
import json, sys
few, stream, memory = (json.load(open(f"out/{name}.json")) for name in ("few", "stream", "memory"))
print(f"{few['passes_over_x']:.2f} reads of X, peak {stream['peak_rss_mb']:.0f} MB, "
      f"in memory {memory['peak_rss_mb']:.0f} MB")
sys.exit(0 if few["passes_over_x"] < 8 and stream["peak_rss_mb"] < 170 else 1)
PYTHON
expect_error 1 '--memory 40M is too little: with X \(128 MB\) left in the file' \
  "$RIATA" cv long.h5 --folds 5 --threads 2 --memory 40M -o out/none
truncate -s -1000 f64.h5
expect_error 1 'f64.h5' "$RIATA" cv f64.h5 --folds 4 --stream -o out/damaged
finish
