#!/usr/bin/env bash
# Selected genes go back to a copy of the .h5ad they came from, as a column of var that h5py and
# anndata read: truth values or coefficients, by name, with counts; nothing else of the copy changes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

"$PYTHON" - <<'END'
import h5py, numpy as np
rng = np.random.default_rng(4)
n, p = 60, 40
x = rng.poisson(2, (n, p)).astype("f4")
y = x[:, 3] - 2 * x[:, 7] + rng.normal(size=n)
text = h5py.string_dtype()
def frame(f, name, index, order):
    g = f.create_group(name)
    g.attrs["_index"] = "id"
    g.attrs["encoding-type"] = "dataframe"
    g.attrs["encoding-version"] = "0.2.0"
    g.attrs["column-order"] = order
    g.create_dataset("id", data=index, dtype=text)
    return g
names = [f"gène {j}" if j != 9 else "gène 8" for j in range(p)]        # one name twice
for file, var, order in (("in.h5ad", names, np.array(["length", "type"], dtype=object)),
                         ("none.h5ad", names, []),
                         ("fixed.h5ad", names, np.array([b"length", b"type"])),
                         ("part.h5ad", names[:7] + names[8:] + ["new"], np.array(["length", "type"], dtype=object)),
                         ("other.h5ad", [f"x{j}" for j in range(p)], [])):
    with h5py.File(file, "w") as f:
        f["X"] = x
        frame(f, "obs", [f"s{i}" for i in range(n)], ["y"])["y"] = y
        g = frame(f, "var", var, np.array(order, dtype=text) if file in ("in.h5ad", "part.h5ad") else order)
        if len(order):
            g["length"] = np.arange(p)
            g["type"] = np.arange(p) * 2.0
END
expect_done "$RIATA" import in.h5ad --response y -o data.h5
expect_done "$RIATA" cv data.h5 --folds 4 --alphas 30 -o out/genes

for file in in none fixed; do
  expect_done "$RIATA" report out/genes --h5ad $file.h5ad --h5ad-output back/$file.h5ad
  expect_text "var has the column 'riata_selected': 40 of its 40 features are in the result" err.txt
done
expect_done "$RIATA" report out/genes --h5ad back/in.h5ad --h5ad-output twice.h5ad -q \
  --h5ad-values coefficient --h5ad-column 'effect at min'
expect_done "$RIATA" report out/genes --h5ad part.h5ad --h5ad-output part_back.h5ad \
  --h5ad-values coefficient
expect_text '39 of its 40 features' err.txt
expect_text "part.h5ad has no feature 'gène 7': 1 selected features are lost" err.txt
"$PYTHON" - <<'END' || wrong "the columns of var"
import h5py, numpy as np
r = h5py.File("out/genes.h5")["result"]
fit, a = r["paths/0/fits/refit"], r.attrs["index_selected"]
at = slice(*fit["start"][a:a + 2])
beta = np.zeros(40)
beta[fit["feature"][at]] = fit["coefficient"][at]
assert beta[3] > 0 and beta[7] < 0 and (beta == 0).any()
for file, old in (("in", ["length", "type"]), ("none", []), ("fixed", ["length", "type"])):
    with h5py.File(f"back/{file}.h5ad") as f, h5py.File(f"{file}.h5ad") as before:
        c = f["var/riata_selected"]
        assert c.dtype == bool and (c[()] == (beta != 0)).all()
        assert (c.attrs["encoding-type"], c.attrs["encoding-version"]) == ("array", "0.2.0")
        assert list(f["var"].attrs["column-order"]) == old + ["riata_selected"], file
        assert set(f["var"]) == set(before["var"]) | {"riata_selected"}
        assert (f["X"][()] == before["X"][()]).all() and (f["obs/y"][()] == before["obs/y"][()]).all()
with h5py.File("twice.h5ad") as f:
    assert list(f["var"].attrs["column-order"])[2:] == ["riata_selected", "effect at min"]
    assert (f["var/effect at min"][()] == beta).all()
with h5py.File("part_back.h5ad") as f:
    c = f["var/riata_coefficient"][()]
    want = np.append(np.delete(beta, 7), np.nan)
    assert np.array_equal(c, want, equal_nan=True)
END
if "$PYTHON" -c 'import anndata' 2>anndata.txt; then
  "$PYTHON" -c 'import anndata
a = anndata.read_h5ad("twice.h5ad")
assert a.var["riata_selected"].dtype == bool and a.var["effect at min"].abs().max() > 0' ||
    wrong 'anndata does not read it'
fi

back=(report out/genes -q --h5ad-output no.h5ad --h5ad)
expect_error 1 'var has a column .length. already' "$RIATA" "${back[@]}" in.h5ad --h5ad-column length
expect_error 1 'is no name of a column' "$RIATA" "${back[@]}" in.h5ad --h5ad-column a/b
expect_error 1 'none of its 40 features is one of the result' "$RIATA" "${back[@]}" other.h5ad
expect_error 1 '/var is no group' "$RIATA" "${back[@]}" data.h5
expect_error 1 'is not an HDF5 file' "$RIATA" "${back[@]}" out/genes.json
expect_error 1 'go together' "$RIATA" report out/genes -q --h5ad in.h5ad
expect_error 1 'over itself' "$RIATA" report out/genes -q --h5ad in.h5ad --h5ad-output ./in.h5ad
if [ -e no.h5ad ] || ls ./*.tmp* >/dev/null 2>&1; then
  wrong 'a file is left behind'
fi
finish
