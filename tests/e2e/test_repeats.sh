#!/usr/bin/env bash
# Repeated cross-validation: the same bytes on any ranks and threads; one repeat is none; what the
# files say of it; verify recomputes it, and sees a held-out prediction that is not the mean of all
# repeats; schemes that are not random refuse it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
use_python h5py numpy
export OMPI_MCA_mpi_yield_when_idle=1

# compare DATASET NAME OPTIONS...: layouts of the machine against one rank with one thread.
compare() {
  local data=$1 name=$2 layout
  shift 2
  expect_done "$RIATA" cv "$data" --folds 3 --threads 1 -o "out/$name" "$@"
  for layout in '1 2' '2 1' '3 2' '5 1'; do
    set -- "${layout% *}" "${layout#* }" "$@"
    expect_done mpirun -n "$1" "$RIATA" cv "$data" --folds 3 --threads "$2" \
      -o "out/$name.$1.$2" "${@:3}"
    cmp -s "out/$name.curve.tsv" "out/$name.$1.$2.curve.tsv" ||
      wrong "$name: another curve on $1 ranks x $2 threads"
    h5diff "out/$name.h5" "out/$name.$1.$2.h5" /result >difference.txt ||
      wrong "$name: another result on $1 ranks x $2 threads"
    shift 2
  done
  expect_done "$RIATA" verify "out/$name" "$data"
}

expect_done "$RIATA" simulate -n 80 -p 300 --support 10 --rho 0.5 -o wide.h5
expect_done "$RIATA" simulate -n 150 -p 30 --support 8 -o tall.h5
compare wide.h5 passes --repeats 4 --alphas 30
compare tall.h5 moments --repeats 3 --alphas 30
compare wide.h5 stopped --repeats 3 --early-stop --patience 5
compare wide.h5 stratified --repeats 2 --fold-scheme stratified --l1-ratio 0.5,1 --alphas 20

expect_done "$RIATA" cv tall.h5 --folds 3 --alphas 30 -o out/none
expect_done "$RIATA" cv tall.h5 --folds 3 --alphas 30 --repeats 1 -o out/one
h5diff out/none.h5 out/one.h5 /result >difference.txt || wrong "one repeat is not what none is"

"$PYTHON" - <<'END' || wrong "the files of a repeated run"
import json, h5py, numpy as np
r = h5py.File("out/moments.h5")["result"]
one = h5py.File("out/none.h5")["result"]
path, K, R = r["paths/0"], int(r.attrs["folds"]), int(r.attrs["repeats"])
mse, fold = path["fold_mse"][()], r["fold"][()]
assert (K, R) == (3, 3) and mse.shape[0] == 9 and fold.shape == (3, 150)
assert (fold // 3 == np.arange(3)[:, None]).all()
assert (fold[0] == one["fold"][()]).all()
assert (mse[:3] == one["paths/0/fold_mse"][()]).all()
assert len({tuple(f % 3) for f in fold}) == 3
assert np.allclose(path["mean"][()], mse.mean(0), rtol=1e-13)
assert np.allclose(path["se"][()], mse.std(0, ddof=1) / np.sqrt(K), rtol=1e-11)
j = json.load(open("out/moments.json"))
assert (j["folds"], j["repeats"]) == (3, 3)
head = open("out/moments.curve.tsv").readline().split()
assert head[-1] == "fold_8"
END
expect_text '^Folds +3 x 3, shuffled' out/moments.log
expect_text '3 x 3 folds' out/moments.curve.svg

# A prediction of one repeat in place of their mean.
cp out/moments.h5 leak.h5
"$PYTHON" - <<'END'
import h5py
with h5py.File("leak.h5", "r+") as leak, h5py.File("out/none.h5") as one:
    leak["result/paths/0/prediction"][5, :] = one["result/paths/0/prediction"][5, :]
END
expect_error 2 'NOT VERIFIED|differ|not' "$RIATA" verify leak tall.h5

expect_error 1 'same every time' "$RIATA" cv tall.h5 --repeats 2 --fold-scheme modulo
expect_error 1 'as many folds as samples' "$RIATA" cv tall.h5 --repeats 2 --folds 150
awk 'BEGIN { print "sample\tfold"; for (i = 1; i <= 150; i++) print i "\t" i % 3 }' >folds.tsv
expect_error 1 'folds.tsv are the same every time' \
  "$RIATA" cv tall.h5 --repeats 2 --fold-file folds.tsv
expect_error 1 '^riata: .*--repeats' "$RIATA" cv tall.h5 --repeats 0
finish
