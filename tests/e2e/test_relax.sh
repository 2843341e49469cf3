#!/usr/bin/env bash
# The relaxed lasso from the command line: alpha and the mix gamma are chosen together, the model
# that is chosen is the one that is exported and predicts, verify makes all of it again, and ranks
# and threads change no byte.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
use_python h5py numpy

expect_done "$RIATA" simulate -n 100 -p 300 --support 6 --snr 10 -o data.h5
options=(--folds 5 --alphas 40)
expect_done "$RIATA" cv data.h5 "${options[@]}" -o plain
expect_done "$RIATA" cv data.h5 "${options[@]}" --relax --threads 1 -o relaxed
expect_text '^Paths +l1_ratio 1: best MSE' out.txt
expect_text 'l1_ratio 1, gamma 0.25: best MSE' out.txt
expect_done "$RIATA" verify relaxed data.h5
[ "$(wc -l <relaxed.curve.tsv)" -eq 201 ] || wrong 'not 5 mixes of 40 alphas'
# gamma = 1 is the lasso itself.
awk -F'\t' -v OFS='\t' 'NR == 1 || $2 == 1 { $2 = ""; print }' relaxed.curve.tsv | sed 's/\t\t/\t/' >own.tsv
cmp own.tsv plain.curve.tsv || wrong '--relax changes the lasso'

"$PYTHON" - <<'PYTHON' || failures=$((failures + 1))
import h5py, numpy as np
def chosen(name):
    with h5py.File(name) as file:
        r = file["result"]
        path = r[f"paths/{r.attrs['selected_path']}"]
        fit, a = path["fits/refit"], r.attrs["index_selected"]
        at = slice(*fit["start"][a:a + 2])
        return (path["mean"][a], path.attrs["gamma"], fit["feature"][at], fit["coefficient"][at],
                fit["intercept"][a], path["alpha"][a])
plain, relaxed = chosen("plain.h5"), chosen("relaxed.h5")
print("lasso: MSE %.4g, %d features; relaxed: MSE %.4g, %d features, gamma %g"
      % (plain[0], len(plain[2]), relaxed[0], len(relaxed[2]), relaxed[1]))
assert relaxed[0] < plain[0] and len(relaxed[2]) < len(plain[2]) and relaxed[1] < 1
if relaxed[1] == 0:  # least squares on the support, by numpy
    with h5py.File("data.h5") as file:
        x, y = file["X"][()].T[:, relaxed[2]].astype(float), file["y"][list(file["y"])[0]][()]
    b = np.linalg.lstsq(np.column_stack([np.ones(len(y)), x]), y, rcond=None)[0]
    assert np.allclose(b[1:], relaxed[3], rtol=1e-9) and np.isclose(b[0], relaxed[4], rtol=1e-9)
table = [line.split("\t") for line in open("relaxed.features.tsv")][1:]
assert sorted(float(row[1]) for row in table) == sorted(relaxed[3])
PYTHON
expect_done "$RIATA" predict relaxed data.h5 -o predicted.tsv
expect_text 'R2 0\.9' err.txt
expect_done "$RIATA" report relaxed -o again
cmp relaxed.curve.tsv again.curve.tsv || wrong 'report writes another curve'
cmp relaxed.features.tsv again.features.tsv || wrong 'report writes other features'

for layout in '1 2' '2 1' '3 2' '5 1'; do
  read -r ranks threads <<<"$layout"
  expect_done mpirun -n "$ranks" "$RIATA" cv data.h5 "${options[@]}" --relax --threads "$threads" \
    -o "ranks.$ranks"
  h5diff relaxed.h5 "ranks.$ranks.h5" /result >difference.txt || wrong "/result differs on $ranks ranks"
  cmp relaxed.curve.tsv "ranks.$ranks.curve.tsv" || wrong "the curve differs on $ranks ranks"
done

# Missing values, covariates, repeats, elastic nets, a finer grid and other mixes.
expect_done "$RIATA" simulate -n 90 -p 200 --support 5 --kind genotype --missing-rate 0.02 -o snp.h5
for i in $(seq 90); do printf 's%d\t%d\t%d\n' "$i" $((i % 2)) $((i * i % 17)); done |
  { printf 'IID\tsex\tage\n' && cat; } >covar.tsv
expect_done "$RIATA" cv snp.h5 --folds 4 --repeats 2 --alphas 20 --covar covar.tsv --refine 4 \
  --covar-name sex,age --l1-ratio 0.7,1 --relax --gamma 0.9,0.1 -o snp.out
expect_done "$RIATA" verify snp.out snp.h5
[ "$(cut -f 2 snp.out.curve.tsv | sort -u | wc -l)" -eq 5 ] || wrong 'gamma is not 0, 0.1, 0.9, 1'

forge() {
  cp relaxed.h5 forged.h5
  "$PYTHON" -c "import h5py
with h5py.File('forged.h5', 'a') as file:
    paths = file['result/paths']
    $2"
  run "$RIATA" verify forged data.h5
  [ "$status" -ne 0 ] || wrong "verify accepts $1"
}
forge 'another mix' 'paths["2/fits/fold_1/coefficient"][7] *= 1.0001'
forge 'other least squares' 'paths["4/fits/fold_1/coefficient"][7] *= 1.0001'
forge 'another gamma' 'paths["1"].attrs.modify("gamma", 0.7)'

expect_error 1 'relax does not go with --positive' "$RIATA" cv data.h5 --relax --positive
expect_error 1 'relax does not go with --select bic' "$RIATA" cv data.h5 --relax --select bic
expect_error 1 'ridge .* keeps all of them' "$RIATA" cv data.h5 --relax --l1-ratio 0
expect_error 1 "gamma: '1.5' is not allowed" "$RIATA" cv data.h5 --relax --gamma 1.5
expect_error 1 "unknown option '--relax'" "$RIATA" path data.h5 --relax
finish
