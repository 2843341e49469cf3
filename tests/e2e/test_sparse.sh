#!/usr/bin/env bash
# Sparse X stays sparse: the curve is the same, byte for byte, as that of the same counts stored
# dense, for every number of ranks and threads and every instruction set; other numbers agree to
# rounding; and whatever reads a dataset reads a sparse one.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

cv() { expect_done "$RIATA" cv "$1.h5" --folds 4 --alphas 30 -o "out/$2" "${@:3}"; }
same() { cmp "out/$1.curve.tsv" "out/$2.curve.tsv" || wrong "the curves of $1 and $2 differ"; }

# Counts.
simulate=(simulate -n 300 -p 900 --support 8 --seed 4 --density 0.04)
expect_done "$RIATA" "${simulate[@]}" -o sparse.h5
expect_done "$RIATA" "${simulate[@]}" --storage i8 -o dense.h5
expect_done "$RIATA" info sparse.h5
expect_text '^type +csc, sparse i8' out.txt
cv sparse sparse --threads 1
cv dense dense --threads 1
same sparse dense
for ranks in 2 3; do
  expect_done mpirun -n "$ranks" "$RIATA" cv sparse.h5 --folds 4 --alphas 30 --threads 2 -o "out/ranks$ranks"
  same sparse "ranks$ranks"
done
RIATA_SIMD=plain cv sparse plain --threads 2
same sparse plain
expect_done "$RIATA" verify out/sparse sparse.h5
expect_done "$RIATA" verify out/sparse dense.h5
expect_done "$RIATA" predict out/sparse sparse.h5 -o sparse.tsv
expect_done "$RIATA" predict out/sparse dense.h5 -o dense.tsv
cmp sparse.tsv dense.tsv || wrong 'predictions differ'
expect_error 1 "'f32' is not allowed for counts" "$RIATA" "${simulate[@]}" --storage f32 -o no.h5
expect_error 1 'not for genotypes' "$RIATA" "${simulate[@]}" --kind genotype -o no.h5

# Any numbers, some of them missing, and a selection of samples.
"$PYTHON" - <<'PYTHON'
import h5py, numpy as np
rng = np.random.default_rng(2)
n, p = 200, 400
x = np.where(rng.random((n, p)) < 0.05, np.exp(rng.standard_normal((n, p))), 0).astype("f4")
y = x[:, :5].sum(1) + 0.3 * rng.standard_normal(n)
x[x > 4] = np.nan
rows = [np.flatnonzero(r) for r in x]
with h5py.File("numbers.h5ad", "w") as f:
    f["X/data"] = np.concatenate([r[k] for r, k in zip(x, rows)])
    f["X/indices"] = np.concatenate(rows)
    f["X/indptr"] = np.cumsum([0] + [len(k) for k in rows])
    f["obs/y"] = y
    text = h5py.string_dtype()
    f.create_dataset("obs/_index", data=[f"s{i}" for i in range(n)], dtype=text)
    f.create_dataset("var/_index", data=[f"g{j}" for j in range(p)], dtype=text)
with open("keep.txt", "w") as f:
    f.writelines(f"s{i}\n" for i in range(0, n, 2))
PYTHON
expect_error 1 'is missing .*--missing mean' "$RIATA" import numbers.h5ad --response y -o no.h5
expect_done "$RIATA" import numbers.h5ad --response y --missing mean -o numbers.h5
expect_done "$RIATA" info numbers.h5
expect_text '^type +csc, sparse f32' out.txt
expect_done "$RIATA" import numbers.h5ad --response y --missing mean --storage f32 -o filled.h5
expect_done "$RIATA" import numbers.h5ad --response y --missing mean --storage csc -o asked.h5
cmp numbers.h5 asked.h5 || wrong '--storage csc is not what auto takes'
expect_error 1 'is missing .*--missing mean' "$RIATA" cv numbers.h5 -o out/no
for name in numbers filled; do
  cv "$name" "$name" --missing mean
  cv "$name" "$name.half" --missing mean --keep keep.txt
done
"$PYTHON" - <<'PYTHON' || wrong 'sparse and dense differ by more than rounding'
import numpy as np
def mean(name):
    lines = [l.rstrip("\n").split("\t") for l in open(f"out/{name}.curve.tsv") if not l.startswith("#")]
    return np.array([float(l[lines[0].index("mean")]) for l in lines[1:]])
for part in ("", ".half"):
    a, b = mean("numbers" + part), mean("filled" + part)
    assert len(a) == len(b) and np.abs(a / b - 1).max() < 1e-11, np.abs(a / b - 1).max()
PYTHON

# SciPy's csc_matrix, as data/dataset.h says.
"$PYTHON" - <<'PYTHON' || wrong 'the group /X is not as documented'
import h5py, numpy as np
s, d = h5py.File("sparse.h5"), h5py.File("dense.h5")
x = np.zeros(d["X"].shape)
for j, (a, b) in enumerate(zip(s["X/indptr"][:-1], s["X/indptr"][1:])):
    x[j, s["X/indices"][a:b]] = s["X/values"][a:b]
assert (x == d["X"][:]).all() and s["X"].attrs["n_samples"] == 300
PYTHON
finish
