#!/usr/bin/env bash
# verify believes a true result and no other: a changed coefficient, prediction or choice is found,
# another dataset refused. report writes from the result alone what cv wrote. A tolerance out of
# reach ends with status 2, the results written and marked.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

expect_done "$RIATA" simulate -n 60 -p 40 --support 4 --seed 3 -o data.h5
expect_done "$RIATA" cv data.h5 --folds 4 --alphas 20 -o out/run
expect_done "$RIATA" verify out/run data.h5
expect_text '^VERIFIED$' out.txt
expect_text '^100 points recomputed, 0 not as recorded' out.txt

# change NAME CODE: a copy of the result with something in /result changed.
change() {
  cp out/run.h5 "$1.h5"
  "$PYTHON" - "$1.h5" "$2" <<'END'
import sys, h5py
with h5py.File(sys.argv[1], "r+") as file:
    path = file["result/paths/0"]
    exec(sys.argv[2])
END
  expect_error 2 'does not hold' "$RIATA" verify "$1" data.h5
  expect_text '^NOT VERIFIED' out.txt
}
change coefficient 'd = path["fits/fold_1/coefficient"]; d[len(d) - 1] *= 1.01'
change prediction 'd = path["prediction"]; d[10, 7] += 1'
change curve 'd = path["mean"]; d[5] *= 1.0001'
change choice 'path.attrs["index_min"] = 1'
change objective 'd = path["fits/refit/objective"]; d[3] *= 1.001'

expect_done "$RIATA" simulate -n 60 -p 40 --support 4 --seed 4 -o other.h5
expect_error 1 'other\.h5' "$RIATA" verify out/run other.h5

expect_done "$RIATA" report out/run.h5 -o again/run
for suffix in json curve.tsv features.tsv; do
  cmp -s "out/run.$suffix" "again/run.$suffix" || wrong "report writes another $suffix"
done
"$RIATA" report out/run >summary.txt
expect_text '^Chosen' summary.txt

expect_error 2 'points missed --tol 1e-300' \
  "$RIATA" cv data.h5 --folds 4 --alphas 5 --tol 1e-300 -o out/loose
for suffix in h5 log curve.tsv; do
  [ -s "out/loose.$suffix" ] || wrong "an uncertified run wrote no $suffix"
done
expect_text '"status": *"not certified"' out/loose.json
expect_error 2 'not certified' "$RIATA" verify out/loose data.h5
expect_error 2 'points missed --tol' \
  mpirun -n 2 "$RIATA" cv data.h5 --folds 4 --alphas 5 --tol 1e-300 -o out/loose
finish
