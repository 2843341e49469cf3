#!/usr/bin/env bash
# Two classes of real samples against answers of glmnet and scikit-learn (C = 1 / (n alpha)): alpha
# grid, objectives, deviance, misclassification and AUC of every fold, choices and coefficients, to
# the digits on which the references agree among themselves.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ -d "${RIATA_SHARED_DATA:-}" ] || skip "RIATA_SHARED_DATA does not name the folder of reference data"
command -v python3 >/dev/null || skip "no python3"
D=$RIATA_SHARED_DATA

expect_done "$RIATA" import "$D/colon.tsv.gz" --response tumor -o colon.h5
expect_done "$RIATA" import "$D/leukemia.h5ad" --response class -o leukemia.h5
for name in colon leukemia; do
  for K in 5 10; do
    expect_done mpirun -n 2 "$RIATA" cv "$name.h5" --family binomial --folds "$K" \
      --fold-scheme modulo --tol 1e-10 --threads 1 -o "out/$name.$K"
    [ "$name.$K" != colon.10 ] || expect_text '1 fold is of samples of one class only.* 6: ' err.txt
    python3 "$RIATA_SOURCE/tests/e2e/compare_binomial.py" "$D/reference/$name.json" \
      "out/$name.$K.json" "$K" || failures=$((failures + 1))
  done
  expect_done "$RIATA" verify "out/$name.5" "$name.h5"
done
expect_text "probability of 'AML' against 'ALL'" out/leukemia.5.log
finish
