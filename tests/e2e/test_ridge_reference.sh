#!/usr/bin/env bash
# Ridge and least squares of real data against independent answers (SVD in scikit-learn): errors of
# every fold, coefficients and objectives of the refit.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ -d "${RIATA_SHARED_DATA:-}" ] || skip "RIATA_SHARED_DATA does not name the folder of reference data"
use_python h5py numpy
D=$RIATA_SHARED_DATA

expect_done "$RIATA" import "$D/diabetes.csv" --response target -o diabetes.h5
expect_done "$RIATA" import "$D/riboflavin.csv.gz" --response q_RIBFLV -o riboflavin.h5
for K in 5 10; do
  for model in diabetes:0:1,0.1,0.01 diabetes:1:0 riboflavin:0:10,1,0.1; do
    IFS=: read -r data ratio alphas <<<"$model"
    name="$data.$ratio.$K"
    expect_done "$RIATA" cv "$data.h5" --l1-ratio "$ratio" --alpha-list "$alphas" --folds "$K" \
      --fold-scheme modulo --threads 1 -o "$name"
    expect_done "$RIATA" verify "$name" "$data.h5"
  done
done
"$PYTHON" - "$D" <<'PYTHON' || wrong "the references say otherwise"
import json
import sys

import h5py
import numpy as np

failures = 0


def compare(name, what, ours, theirs, limit):
    global failures
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    off = np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs))
    print(f"{name}: {what} within {off:.1e}")
    failures += not off <= limit


def look(name, folds, per_fold, refits):
    with h5py.File(f"{name}.h5") as file:
        path = file["result/paths/0"]
        compare(name, "errors of the folds", path["fold_mse"][()], per_fold, 1e-9)
        fit, p = path["fits/refit"], file["result"].attrs["p"]
        for a, refit in enumerate(refits):
            at = slice(*fit["start"][a : a + 2])
            b = np.zeros(p)
            b[fit["feature"][at]] = fit["coefficient"][at]
            compare(name, "coefficients", b, refit["coefficients_original"], 1e-9)
            compare(name, "intercept", fit["intercept"][a], refit["intercept_original"], 1e-9)
            compare(name, "objective", fit["objective"][a], refit["objective"], 1e-10)


for data in ("diabetes", "riboflavin"):
    models = json.load(open(f"{sys.argv[1]}/reference/{data}.json"))["models"]
    for folds in ("5", "10"):
        ridge = models["ridge"]
        look(f"{data}.0.{folds}", folds, ridge["cv"][folds]["mse"]["per_fold"], ridge["refit"])
ols = json.load(open(f"{sys.argv[1]}/reference/diabetes.json"))["models"]["ols"]
for folds in ("5", "10"):
    per_fold = np.array(ols["cv"][folds]["mse_per_fold"])[:, None]
    look(f"diabetes.1.{folds}", folds, per_fold, [ols])
sys.exit(failures > 0)
PYTHON

# the four models of riboflavin side by side
run "$RIATA" compare riboflavin.h5 --test-repeats 2 --folds 5 -o compared
[ "$status" -eq 0 ] || wrong "compare failed on riboflavin"
expect_text 'elastic net +0\.' out.txt
finish
