#!/usr/bin/env bash
# The same numbers give the same curve, byte for byte, whatever file of whatever program they come
# in: AnnData dense, CSR, CSC and as a layer, 10x, MatrixMarket, NumPy, LIBSVM, tables either way.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

"$PYTHON" - <<'PYTHON'
import gzip, h5py, numpy as np
rng = np.random.default_rng(3)
n, p = 40, 25
x = rng.poisson(0.5, (n, p)).astype(float)
x[3, 4] = 300
y = x[:, 0] - 2 * x[:, 3] + rng.standard_normal(n)
sample = [f"s{i}" for i in range(n)]
feature = [f"g{j}" for j in range(p)]
batch = np.array(["north", "south", "east"])[rng.integers(0, 3, n)]
text = h5py.string_dtype()

def compressed(a):
    "data, indices, indptr of the rows of a"
    rows = [np.flatnonzero(r) for r in a]
    return (np.concatenate([r[k] for r, k in zip(a, rows)]), np.concatenate(rows),
            np.cumsum([0] + [len(k) for k in rows]))

def put_sparse(group, a):
    data, indices, indptr = compressed(a)
    group.create_dataset("data", data=data.astype("f4"), chunks=(100,), compression="gzip")
    group["indices"], group["indptr"] = indices.astype("i4"), indptr.astype("i4")

def put_x(f, name, kind):
    if kind == "dense":
        f.create_dataset(name, data=x.astype("f4"), chunks=(7, 11), compression="gzip")
        return
    g = f.create_group(name)
    g.attrs["encoding-type"], g.attrs["shape"] = kind + "_matrix", [n, p]
    put_sparse(g, x if kind == "csr" else x.T)

for kind in ("dense", "csr", "csc", "layer"):
    with h5py.File(kind + ".h5ad", "w") as f:
        put_x(f, "layers/counts" if kind == "layer" else "X", "csr" if kind == "layer" else kind)
        if kind == "layer":
            f["X"] = np.zeros((n, p), "f4")
        f.create_dataset("obs/_index", data=sample, dtype=text, chunks=(9,), compression="gzip")
        f.create_dataset("var/_index", data=feature, dtype=text)
        f["obs"].attrs["_index"] = f["var"].attrs["_index"] = "_index"
        f["obs/y"] = y
        f["obs/age"] = np.arange(n)
        f["obs/flag"] = np.arange(n) % 2 == 0
        f["obs/masked/values"], f["obs/masked/mask"] = np.arange(n), np.arange(n) == 2
        f.create_dataset("obs/batch/categories", data=["east", "north", "south"], dtype=text)
        f["obs/batch/codes"] = np.searchsorted(["east", "north", "south"], batch).astype("i1")
with h5py.File("tenx.h5", "w") as f:
    g = f.create_group("matrix")
    put_sparse(g, x)
    g["barcodes"] = np.array([s.encode() for s in sample])
    g["features/id"] = np.array([s.encode() for s in feature])
    g["features/name"] = np.array([b"symbol"] * p)
    g["shape"] = np.array([p, n], "i4")

def mtx(name, a, opener=open):
    with opener(name, "wt") as f:
        f.write("%%MatrixMarket matrix coordinate integer general\n% a comment\n")
        f.write(f"{a.shape[0]} {a.shape[1]} {np.count_nonzero(a)}\n")
        for i, j in rng.permutation(np.argwhere(a)):
            f.write(f"{i + 1} {j + 1} {a[i, j]:g}\n")
mtx("rows.mtx", x)
mtx("columns.mtx", x.T)
import os
os.mkdir("tenx")
mtx("tenx/matrix.mtx.gz", x.T, gzip.open)
with gzip.open("tenx/barcodes.tsv.gz", "wt") as f:
    f.writelines(s + "\n" for s in sample)
with gzip.open("tenx/features.tsv.gz", "wt") as f:
    f.writelines(f"{s}\tsymbol\tGene Expression\n" for s in feature)
with open("array.mtx", "w") as f:
    f.write(f"%%MatrixMarket matrix array real general\n{n} {p}\n")
    f.writelines(f"{v!r}\n" for v in x.T.ravel().tolist())
np.save("i2.npy", x.astype("<i2"))
np.save("fortran.npy", np.asfortranarray(x))
np.save("transposed.npy", x.T.astype("<f4"))
np.save("transposed_fortran.npy", np.asfortranarray(x.T).astype("<i8"))
np.save("y.npy", y)
for base in (0, 1):
    with open(f"base{base}.svm", "w") as f:
        for i in range(n):
            entries = "".join(f" {j + base}:{x[i, j]:g}" for j in np.flatnonzero(x[i]))
            f.write(f"{float(y[i])!r}{entries} # sample {i}\n")
with open("genes.tsv", "w") as f:
    f.write("gene\t" + "\t".join(sample) + "\n")
    f.writelines(feature[j] + "".join(f"\t{v:g}" for v in x[:, j]) + "\n" for j in range(p))
with open("table.csv", "w") as f:
    f.write("id," + ",".join(feature) + "\n")
    f.writelines(sample[i] + "".join(f",{v:g}" for v in x[i]) + "\n" for i in range(n))
with open("samples.tsv", "w") as f:
    f.write("sample\ty\tbatch\tage\n")
    f.writelines(f"{sample[i]}\t{float(y[i])!r}\t{batch[i]}\t{i}\n" for i in rng.permutation(n))
with open("names.txt", "w") as f:
    f.writelines(s + "\n" for s in sample)
np.savetxt("y.txt", y)
PYTHON

routes=0
route() { # NAME FILE OPTIONS...
  local name=$1
  shift
  routes=$((routes + 1))
  expect_done "$RIATA" import "$@" -o "$name.h5"
  expect_done "$RIATA" cv "$name.h5" --folds 4 --fold-scheme modulo -o "out/$name"
  cmp -s out/dense.curve.tsv "out/$name.curve.tsv" || wrong "the curve of $* differs"
}
sheet=(--samples samples.tsv --response y)
route dense dense.h5ad --response y
route csr csr.h5ad --response y
route csc csc.h5ad --response y
route layer layer.h5ad --layer counts --response y
route sheet dense.h5ad "${sheet[@]}"
route tenx tenx.h5 "${sheet[@]}"
route folder tenx/matrix.mtx.gz "${sheet[@]}"
route rows rows.mtx --sample-names names.txt "${sheet[@]}"
route columns columns.mtx --transpose --y y.npy
route array array.mtx --y y.txt
route i2 i2.npy --y y.npy
route fortran fortran.npy --y y.npy
route transposed transposed.npy --transpose --y y.npy
route transposed_fortran transposed_fortran.npy --transpose --y y.npy
route svm1 base1.svm
route svm0 base0.svm --index-base 0
route genes genes.tsv --transpose "${sheet[@]}"
route table table.csv "${sheet[@]}"
[ "$routes" -eq 18 ] || wrong "$routes routes"

# Names, and what is stored beside X.
expect_done "$RIATA" import csr.h5ad --response y,age,flag,masked --covariates batch,age \
  --group batch -o annotated.h5
expect_done "$RIATA" import tenx/matrix.mtx.gz "${sheet[@]}" --gene-names --covariates batch -o symbols.h5
expect_text '24 features had a duplicate' err.txt
"$PYTHON" - <<'PYTHON' || wrong 'names or annotations are not those of the file'
import h5py, numpy as np
f, s = h5py.File("annotated.h5"), h5py.File("symbols.h5")
text = lambda v: [t.decode() for t in v[:]]
assert f.attrs["default_response"] == "y" or f.attrs["default_response"] == b"y"
assert text(f["samples/id"])[:2] == ["s0", "s1"] and text(f["features/id"])[-1] == "g24"
assert (f["y/age"][:] == np.arange(40)).all() and (f["y/flag"][:] == (np.arange(40) % 2 == 0)).all()
assert np.isnan(f["y/masked"][2]) and f["y/masked"][3] == 3
assert text(f["covariates/batch"]) == text(s["covariates/batch"]) == text(f["groups/batch"])
assert set(text(f["covariates/batch"])) == {"north", "south", "east"}
assert f["covariates/age"][7] == 7
assert text(s["features/id"])[:2] == ["symbol", "symbol#2"]
assert h5py.File("dense.h5")["X"].dtype == "f4"
PYTHON

# Samples are matched by name, and said.
sed '2,5d; $a zz\t1\tnorth\t1' samples.tsv >partial.tsv
expect_done "$RIATA" import genes.tsv --transpose --samples partial.tsv --response y -o partial.h5
expect_text '36 samples were found' err.txt
expect_text '4 samples have no line' err.txt
expect_text '1 lines there have no sample' err.txt
sed '$a s3\t1\tnorth\t1' samples.tsv >twice.tsv
expect_error 1 "twice\.tsv: lines .*'s3'" "$RIATA" import genes.tsv --transpose --samples twice.tsv --response y -o no.h5
sed 's/^s/other/' samples.tsv >foreign.tsv
expect_error 1 "no sample of X.*'s0'" "$RIATA" import genes.tsv --transpose --samples foreign.tsv --response y -o no.h5

# A table the wrong way round.
"$PYTHON" - <<'PYTHON'
with open("wide.csv", "w") as f:
    f.write("gene,a,b,c\n" + "".join(f"g{j},1,2,{j}\n" for j in range(100)))
PYTHON
expect_error 1 "no such column, and 100 rows of 4 columns look like features in rows.*--transpose" \
  "$RIATA" import wide.csv --response y -o no.h5

# Without a response, for predict.
expect_done "$RIATA" import dense.h5ad -o bare.h5
expect_text 'no response' err.txt
expect_done "$RIATA" predict out/dense bare.h5 -o bare.tsv
expect_done "$RIATA" import base1.svm --features 30 -o wide.h5
expect_text '30 features' err.txt

# Options that have no meaning for a file are not passed over.
expect_error 1 '--layer' "$RIATA" import i2.npy --layer counts -o no.h5
expect_error 1 '--transpose' "$RIATA" import dense.h5ad --transpose -o no.h5
expect_error 1 '--storage i8' "$RIATA" import dense.h5ad --storage i8 -o no.h5
expect_done "$RIATA" import dense.h5ad --response batch -o classes.h5
expect_error 1 "more than two values.*'east', 'north', 'south'" \
  "$RIATA" cv classes.h5 --family binomial -o out/no
expect_error 1 "no column 'absent'; it has age, batch" "$RIATA" import dense.h5ad --response absent -o no.h5
expect_error 1 'layers/absent' "$RIATA" import layer.h5ad --layer absent -o no.h5
expect_error 1 '--samples' "$RIATA" import i2.npy --response y -o no.h5
[ ! -e no.h5 ] || wrong 'a failed import left a dataset'
finish
