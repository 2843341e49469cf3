#!/usr/bin/env bash
# Ridge and least squares from the command line: the same bytes for any number of ranks and threads,
# more features than samples or fewer, with missing genotypes; verified by other code; the rank of
# least squares in words, and its smallest answer; several l1_ratios in one run with ridge among
# them; an early stop.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

expect_done "$RIATA" simulate -n 60 -p 700 --support 10 --kind genotype --missing-rate 0.02 -o wide.h5
expect_done "$RIATA" simulate -n 150 -p 40 --support 10 -o tall.h5
for data in wide tall; do
  for ranks in 1 2 3 5; do
    expect_done mpirun -n "$ranks" "$RIATA" cv "$data.h5" --l1-ratio 0 --folds 4 --alphas 12 \
      --alpha-blocks "$((ranks == 5 ? 3 : 1))" --threads "$((ranks % 3 + 1))" -o "$data.$ranks"
    cmp -s "$data.1.curve.tsv" "$data.$ranks.curve.tsv" || wrong "$data: the curve on $ranks ranks"
    cmp -s "$data.1.features.tsv" "$data.$ranks.features.tsv" ||
      wrong "$data: the coefficients on $ranks ranks"
  done
  expect_done "$RIATA" verify "$data.1" "$data.h5"
  expect_done "$RIATA" fit "$data.h5" --alpha 0 -o "$data.free"
  expect_done "$RIATA" verify "$data.free" "$data.h5"
  # the general engine comes to the same answer
  expect_done "$RIATA" cv "$data.h5" --l1-ratio 0 --folds 4 --alphas 12 --solver newton --tol 1e-10 \
    -o "$data.general"
done
expect_text 'rank 59 on these 60 samples' wide.free.log
expect_text 'least squares \(alpha 0\)' wide.free.log
if grep -q '^Rank' tall.free.log; then wrong "least squares of full rank is called deficient"; fi

"$PYTHON" - <<'PYTHON' || wrong "not what numpy has"
import h5py
import numpy as np


def read(name):
    with h5py.File(f"{name}.h5") as file:
        path, p = file["result/paths/0"], file["result"].attrs["p"]
        fit = path["fits/refit"]
        b = np.zeros((len(path["alpha"]), p))
        for a in range(len(b)):
            at = slice(*fit["start"][a : a + 2])
            b[a, fit["feature"][at]] = fit["coefficient"][at]
        return b, path["prediction"][()], path["alpha"][()]


for name in ("wide", "tall"):
    ours, general = read(f"{name}.1")[1], read(f"{name}.general")[1]
    assert np.max(np.abs(ours - general)) < 1e-4 * np.std(ours), name
# least squares by SVD on the standardised scale
with h5py.File("tall.h5") as file:
    x, y = file["X"][()].T.astype(float), file["y/y"][()]
z = (x - x.mean(0)) / x.std(0)
b = np.linalg.lstsq(z, y - y.mean(), rcond=None)[0] / x.std(0)
assert np.max(np.abs(read("tall.free")[0][0] - b)) < 1e-10 * np.max(np.abs(b))
PYTHON

# several l1_ratios share folds; a path may end at 0; a curve that has turned may stop
expect_done "$RIATA" cv tall.h5 --l1-ratio 0,0.5,1 --folds 4 --alphas 12 -o mixes
expect_done "$RIATA" verify mixes tall.h5
"$PYTHON" - <<'PYTHON' || wrong "ridge among others is not ridge alone"
import json
mixes, alone = json.load(open("mixes.json")), json.load(open("tall.1.json"))
ridge = next(path for path in mixes["paths"] if path["l1_ratio"] == 0)
assert ridge["cv_mean"] == alone["cv_mean"], "curve"
best = min(mixes["paths"], key=lambda path: min(path["cv_mean"]))
assert mixes["l1_ratio"] == best["l1_ratio"], "choice over both"
PYTHON
expect_done "$RIATA" cv wide.h5 --alpha-list 0.5,0.3,0.1,0 --folds 3 -o ends
expect_done "$RIATA" verify ends wide.h5
expect_done "$RIATA" cv tall.h5 --l1-ratio 0 --folds 4 --eps 1e-8 --early-stop --patience 3 -o stops
expect_done "$RIATA" verify stops tall.h5
expect_done "$RIATA" fit wide.h5 --alpha 0 --test-fraction 0.2 -o tested
finish
