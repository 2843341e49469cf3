#!/usr/bin/env bash
# Correlated features as a user meets them: the table of proxies is what NumPy makes of the data,
# variance inflation the inverse of the correlations; the same bytes for any ranks and threads;
# --proxies 0 looks for none, and a wrong threshold is said before anything is read.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

"$RIATA" simulate -n 120 -p 200 --rho 0.93 --support 6 --seed 8 -o x.h5
expect_done "$RIATA" cv x.h5 --folds 4 --alphas 30 --threads 1 -o out/one
expect_text 'have a proxy that is not in the model' out.txt
expect_done mpirun -n 3 "$RIATA" cv x.h5 --folds 4 --alphas 30 --threads 2 -o out/three
expect_done "$RIATA" cv x.h5 --folds 4 --alphas 30 --solver newton -o out/memory
expect_done "$RIATA" cv x.h5 --folds 4 --alphas 30 --solver newton --stream -o out/stream
for ending in proxies.tsv features.tsv; do
  cmp "out/one.$ending" "out/three.$ending" || wrong "$ending depends on the ranks"
  cmp "out/memory.$ending" "out/stream.$ending" || wrong "$ending differs where X is streamed"
done
"$PYTHON" - out/one x.h5 <<'END' || wrong 'proxies or variance inflation of out/one'
import csv, json, sys
import h5py, numpy as np
prefix, data = sys.argv[1:3]
with h5py.File(data) as f:
    names = [n.decode() for n in f["features/id"]]
    r = np.corrcoef(f["X"][()])
rows = list(csv.DictReader(open(prefix + ".features.tsv"), delimiter="\t"))
selected = [names.index(row["feature"]) for row in rows]
inverse = np.linalg.inv(r[np.ix_(selected, selected)])
for k, row in enumerate(rows):
    near = [j for j in range(len(names)) if abs(r[selected[k], j]) >= 0.9 and j != selected[k]]
    assert float(row["proxies"]) == len(near), row
    assert abs(float(row["vif"]) / inverse[k, k] - 1) < 1e-9, row
table = list(csv.DictReader(open(prefix + ".proxies.tsv"), delimiter="\t"))
assert len(table) == sum(float(row["proxies"]) for row in rows) > 5
group = {row["feature"]: row["group"] for row in rows}
for row in table:
    a, b = names.index(row["feature"]), names.index(row["proxy"])
    assert abs(float(row["r"]) - r[a, b]) < 1e-12
    assert (row["proxy_selected"] == "yes") == (b in selected)
    assert row["group"] == group[row["feature"]]
    assert b not in selected or group[row["proxy"]] == row["group"]
summary = json.load(open(prefix + ".json"))
assert summary["features_with_proxies"] == sum(float(row["proxies"]) > 0 for row in rows)
assert abs(summary["largest_vif"] - max(float(row["vif"]) for row in rows)) == 0
END

expect_done "$RIATA" fit x.h5 --alpha 0.3 --proxies 0 -o out/one
[ ! -e out/one.proxies.tsv ] || wrong 'the proxies of an earlier result are left'
! grep -q vif out/one.features.tsv || wrong 'variance inflation without --proxies'
expect_error 1 "--proxies: '0.3' is not allowed" "$RIATA" path x.h5 --proxies 0.3 -o out/path
expect_done "$RIATA" path x.h5 --alpha-list 100 -o out/none
expect_text 'Kept +0 of 200' out.txt
"$RIATA" report out/none -o none.html
finish
