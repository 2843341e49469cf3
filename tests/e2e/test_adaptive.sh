#!/usr/bin/env bash
# The adaptive lasso: the first fit of a fold is that of its training rows, the choice is over first
# alpha and alpha, verify certifies all of it with weights of its own, and ranks and threads change
# no byte.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
use_python h5py numpy

expect_done "$RIATA" simulate -n 100 -p 300 --support 6 --snr 10 -o data.h5
options=(--folds 5 --alphas 30)
expect_done "$RIATA" cv data.h5 "${options[@]}" -o plain
expect_done "$RIATA" cv data.h5 --folds 5 --alphas 6 --eps 0.05 -o first
expect_done "$RIATA" cv data.h5 "${options[@]}" --adaptive lasso --threads 1 -o adaptive
expect_text 'adaptive: penalty factors 1 / \|b\|\^1 of a first lasso at alpha' out.txt
expect_done "$RIATA" verify adaptive data.h5
"$PYTHON" - <<'PYTHON' || failures=$((failures + 1))
import h5py, numpy as np
with h5py.File("first.h5") as f, h5py.File("adaptive.h5") as g, h5py.File("plain.h5") as h:
    first, result, plain = f["result/paths/0"], g["result"], h["result"]
    for path in result["paths"].values():
        weights = path["adaptive"]
        a = int(np.flatnonzero(first["alpha"][()] == weights.attrs["alpha"])[0])
        for k in range(6):  # what a fold knows at first is the lasso of its training rows
            fit = first["fits"][f"fold_{k}" if k < 5 else "refit"]
            at, to = slice(*fit["start"][a:a + 2]), slice(*weights["start"][k:k + 2])
            assert np.array_equal(fit["feature"][at], weights["feature"][to])
            assert np.array_equal(fit["coefficient"][at], weights["initial"][to])
            later = path["fits"][f"fold_{k}" if k < 5 else "refit"]["feature"][()]
            assert set(later) <= set(weights["feature"][to])
    chosen = result[f"paths/{result.attrs['selected_path']}"]
    mse = chosen["mean"][result.attrs["index_selected"]]
    lasso = plain["paths/0"]["mean"][plain.attrs["index_selected"]]
    def kept(r):
        fit, a = r[f"paths/{r.attrs['selected_path']}/fits/refit"], r.attrs["index_selected"]
        return set(fit["feature"][slice(*fit["start"][a:a + 2])])
    truth = set(result["truth_feature"][()])
    print("adaptive: MSE %.4g, %d features, %d true; lasso: %.4g, %d features, %d true" % (
        mse, len(kept(result)), len(kept(result) & truth), lasso, len(kept(plain)), len(kept(plain) & truth)))
    assert mse < lasso and len(kept(result)) < len(kept(plain))
    assert len(kept(result) & truth) == len(kept(plain) & truth)
PYTHON
expect_done "$RIATA" predict adaptive data.h5 -o predicted.tsv
expect_done "$RIATA" report adaptive -o again
cmp adaptive.curve.tsv again.curve.tsv || wrong 'report writes another curve'

for layout in '2 1' '3 2' '5 1'; do
  read -r ranks threads <<<"$layout"
  expect_done mpirun -n "$ranks" "$RIATA" cv data.h5 "${options[@]}" --adaptive lasso \
    --threads "$threads" -o "ranks.$ranks"
  h5diff adaptive.h5 "ranks.$ranks.h5" /result >difference.txt || wrong "/result differs on $ranks ranks"
  cmp adaptive.curve.tsv "ranks.$ranks.curve.tsv" || wrong "the curve differs on $ranks ranks"
done

# A first ridge keeps all features in; with missing values, covariates, repeats.
expect_done "$RIATA" simulate -n 90 -p 200 --support 5 --kind genotype --missing-rate 0.02 -o snp.h5
for i in $(seq 90); do printf 's%d\t%d\t%d\n' "$i" $((i % 2)) $((i * i % 17)); done |
  { printf 'IID\tsex\tage\n' && cat; } >covar.tsv
expect_done "$RIATA" cv snp.h5 --folds 4 --repeats 2 --alphas 12 --covar covar.tsv \
  --covar-name sex,age --adaptive ridge --adaptive-alpha 1,5 --adaptive-gamma 0.5 -o snp.out
expect_done "$RIATA" verify snp.out snp.h5

# Killed in its third run, it goes on from there; other first fits are another run.
"$RIATA" cv data.h5 "${options[@]}" --adaptive lasso --checkpoint-every 0 -o killed >killed.txt 2>&1 &
job=$!
for _ in $(seq 3000); do
  [ -z "$(find killed.checkpoint -name 'unit-2-??????' 2>/dev/null)" ] || break
  sleep 0.005
done
kill -KILL "$job" 2>/dev/null || true
wait "$job" 2>/dev/null || true
[ -d killed.checkpoint ] || wrong 'it was over before it was killed'
expect_error 1 'adaptive' "$RIATA" cv data.h5 "${options[@]}" --adaptive lasso --adaptive-gamma 2 \
  -o killed --resume
expect_done mpirun -n 2 "$RIATA" cv data.h5 "${options[@]}" --adaptive lasso -o killed --resume
expect_text '^resuming from killed.checkpoint' err.txt
cmp adaptive.curve.tsv killed.curve.tsv || wrong 'a resumed run has another curve'

cp adaptive.h5 forged.h5
"$PYTHON" -c "import h5py
with h5py.File('forged.h5', 'a') as file:
    file['result/paths/1/adaptive/initial'][2] *= 1.01"
run "$RIATA" verify forged data.h5
[ "$status" -ne 0 ] || wrong 'verify accepts other weights'

expect_error 1 'adaptive is a lasso' "$RIATA" cv data.h5 --adaptive lasso --l1-ratio 0.5
expect_error 1 'give the alphas of the first ridge' "$RIATA" cv data.h5 --adaptive ridge
expect_error 1 "adaptive: 'elastic' is not allowed" "$RIATA" cv data.h5 --adaptive elastic
expect_error 1 'adaptive does not go with --refine' "$RIATA" cv data.h5 --adaptive lasso --refine 5
expect_error 1 'adaptive does not go with --relax' "$RIATA" cv data.h5 --adaptive lasso --relax
expect_error 1 'first fit keeps no feature' "$RIATA" cv data.h5 --adaptive lasso --adaptive-alpha 1e6
finish
