#!/usr/bin/env bash
# Predictions that leave a chromosome out: a refit is that of the other chromosomes alone, and a
# dropped chromosome is the model with its features at their means, from the result's own numbers.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

expect_done "$RIATA" simulate --bfile g -n 120 -p 220 --support 12 --missing-rate 0.01 --seed 6
awk 'BEGIN { OFS = "\t" } { $1 = int((NR - 1) / 10) + 1; print }' g.bim >spread && mv spread g.bim
awk 'BEGIN { print "IID\tage" } { print $2 "\t" (NR * 7) % 13 }' g.fam >covar.tsv
expect_done mpirun -n 2 "$RIATA" cv --bfile g --covar covar.tsv --folds 4 --threads 1 --tol 1e-10 \
  --loco refit -o out/refit
expect_done "$RIATA" cv --bfile g --covar covar.tsv --folds 4 --tol 1e-10 --loco drop -o out/drop
alpha=$("$PYTHON" -c 'import json; print(json.load(open("out/refit.json"))["alpha_selected"])')
for chromosome in 1 7; do
  awk -v c="$chromosome" '$1 != c { print $2 }' g.bim >others
  expect_done "$RIATA" fit --bfile g --covar covar.tsv --extract others --alpha "$alpha" --tol 1e-10 \
    -o "out/without.$chromosome"
done
expect_done "$RIATA" import --bfile g --storage i8 -o g8.h5
"$PYTHON" - <<'END' || wrong 'predictions are not those of the definition'
import h5py
import numpy as np


def table(name):
    lines = [line.rstrip("\n").split("\t") for line in open(name)]
    return lines[0][1:], np.array([[float(v) for v in f[1:]] for f in lines[1:]])


names, refit = table("out/refit.loco.tsv")
chrom = h5py.File("g8.h5")["features/chrom"].asstr()[()]
assert names == list(dict.fromkeys(chrom)) and len(names) == 22
for c in ("1", "7"):
    want = h5py.File(f"out/without.{c}.h5")["result/paths/0/prediction"][0]
    assert np.abs(refit[:, names.index(c)] - want).max() < 1e-4 * want.std()
r = h5py.File("out/drop.h5")["result"]
a, fit = r.attrs["index_selected"], r["paths/0/fits/refit"]
b = np.zeros(len(chrom))
at = slice(fit["start"][a], fit["start"][a + 1])
b[fit["feature"][at]] = fit["coefficient"][at]
X = h5py.File("g8.h5")["X"][()].T.astype(float)
X[X == -128] = np.nan
mean = r["feature_mean"][()]
X = np.where(np.isnan(X), mean, X)
names, drop = table("out/drop.loco.tsv")
rest = fit["intercept"][a] + r["covariate_value"][()].T @ fit["covariate"][a]
for k, c in enumerate(names):
    here = np.where((chrom == c)[None, :], mean, X)
    assert np.abs(drop[:, k] - (rest + here @ b)).max() < 1e-9
assert len({tuple(v) for v in np.round(drop, 9).T}) > 2
END
awk '$1 == 1 { print $2 }' g.bim >one
expect_error 1 'has 1 chromosomes; features on at least 2' "$RIATA" cv --bfile g --extract one \
  --loco drop -o out/one
expect_error 1 'not with --l1-ratio 0' "$RIATA" cv --bfile g --l1-ratio 0 --loco refit -o out/ridge
finish
