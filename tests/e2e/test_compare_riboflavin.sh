#!/usr/bin/env bash
# Real expression data, 71 samples and 4,088 genes: every model predicts test samples better than the
# mean does, and the lasso with a small part of the genes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
data=${RIATA_SHARED_DATA:-}
[ -f "$data/riboflavin.csv.gz" ] || skip 'RIATA_SHARED_DATA names no riboflavin data'
command -v python3 >/dev/null || skip "python3 is not installed"

expect_done "$RIATA" import "$data/riboflavin.csv.gz" --response q_RIBFLV -o riboflavin.h5
expect_done "$RIATA" compare riboflavin.h5 --test-fraction 0.2 --test-repeats 3 --threads 2 -o out/all
python3 - <<'PYTHON' || wrong 'the table is not what the data give'
import json
models = {m["model"]: m for m in json.load(open("out/all.json"))["models"]}
print({name: (m["rmse_mean"], m["r2_mean"], m["features_mean"]) for name, m in models.items()})
assert len(models) == 4
assert all(m["r2_mean"] > 0.3 for m in models.values())
assert 0 < models["lasso"]["features_mean"] < 100
assert models["ridge"]["features_mean"] == 4088
PYTHON
finish
