#!/usr/bin/env bash
# Real data against independent answers (scikit-learn and glmnet; see the conventions in the
# reference files): the same choices, curve to 8 digits, objectives to 10, coefficients to the
# digits on which the references agree among themselves.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ -d "${RIATA_SHARED_DATA:-}" ] || skip "RIATA_SHARED_DATA does not name the folder of reference data"
command -v python3 >/dev/null || skip "no python3"
D=$RIATA_SHARED_DATA

check() { # REFERENCE RESULT MODEL FOLDS LIMIT_CURVE COEFFICIENTS(yes|no)
  python3 "$RIATA_SOURCE/tests/e2e/compare_reference.py" "$D/reference/$1.json" "$2" "$3" "$4" "$5" \
    "$6" || failures=$((failures + 1))
}
cv() { # DATASET NAME FOLDS EPS OPTIONS...
  local data=$1 name=$2 folds=$3 eps=$4
  shift 4
  expect_done mpirun -n 2 "$RIATA" cv "$data" --folds "$folds" --fold-scheme modulo --alphas 100 \
    --eps "$eps" --tol 1e-10 --threads 1 -o "out/$name" "$@"
  [ ! -f "out/$name.h5" ] || expect_done "$RIATA" verify "out/$name" "$data"
}

expect_done "$RIATA" import "$D/diabetes.csv" --response target -o diabetes.h5
expect_done "$RIATA" import "$D/riboflavin.csv.gz" --response q_RIBFLV -o riboflavin.h5
expect_done "$RIATA" import --bfile "$D/mice_hs" --pheno "$D/mice_hs.pheno" --pheno-name CD8 \
  -o mice.h5
for K in 5 10; do
  cv diabetes.h5 "diabetes.$K" "$K" 1e-3
  check diabetes "out/diabetes.$K.json" lasso "$K" 1e-8 yes
  cv diabetes.h5 "diabetes.half.$K" "$K" 1e-3 --l1-ratio 0.5
  check diabetes "out/diabetes.half.$K.json" enet_l1_ratio_0.5 "$K" 1e-8 yes
  cv riboflavin.h5 "riboflavin.$K" "$K" 1e-2
  check riboflavin "out/riboflavin.$K.json" lasso "$K" 1e-8 yes
  cv riboflavin.h5 "riboflavin.half.$K" "$K" 1e-2 --l1-ratio 0.5
  check riboflavin "out/riboflavin.half.$K.json" enet_l1_ratio_0.5 "$K" 1e-8 yes
done
for K in 5 10; do
  cv mice.h5 "mice.$K" "$K" 1e-2
  check mice_hs.CD8 "out/mice.$K.json" lasso "$K" 1e-2 no
done
finish
