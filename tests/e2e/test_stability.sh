#!/usr/bin/env bash
# Stability selection: on simulated data true features are stable and false ones are not; on the
# riboflavin data the genes are those of the literature; the same bytes for any ranks and threads;
# tables, picture and summary again from the result file; verify counts everything anew.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
use_python h5py numpy

expect_done "$RIATA" simulate -n 120 -p 800 --support 5 --snr 8 -o data.h5
expect_done "$RIATA" stability data.h5 --pairs 20 --eps 0.1 --alphas 40 --threads 1 -o out/one
expect_text '^Stability +20 complementary pairs of half-samples' out.txt
expect_text 'stable features: ' out.txt
expect_text 'Pictures: .*out/one.stability.(svg|gp)|No gnuplot' out.txt
expect_done "$RIATA" verify out/one data.h5
for layout in '2 1' '3 2' '5 1'; do
  read -r ranks threads <<<"$layout"
  expect_done mpirun -n "$ranks" "$RIATA" stability data.h5 --pairs 20 --eps 0.1 --alphas 40 \
    --threads "$threads" -o "out/$ranks"
  cmp out/one.stability.tsv "out/$ranks.stability.tsv" || wrong "frequencies differ on $ranks ranks"
  cmp out/one.stability_path.tsv "out/$ranks.stability_path.tsv" || wrong 'frequencies along alpha'
  h5diff out/one.h5 "out/$ranks.h5" /result >difference.txt || wrong "/result differs on $ranks ranks"
done
# Halves are folds: the same fits as a repeated two-fold cross-validation.
expect_done "$RIATA" cv data.h5 --folds 2 --repeats 20 --eps 0.1 --alphas 40 -o out/cv
cmp out/one.curve.tsv out/cv.curve.tsv || wrong 'the fits are not those of two folds'

"$PYTHON" - <<'PYTHON' || failures=$((failures + 1))
import csv, json, h5py, numpy as np
with h5py.File("out/one.h5") as file:
    result, s = file["result"], file["result/stability"]
    path = result["paths/0"]
    region, p = s.attrs["region"], result.attrs["p"]
    picked, along = np.zeros((40, p), bool), np.zeros((len(path["alpha"]), p))
    for k in range(40):
        fit = path[f"fits/fold_{k}"]
        start, feature = fit["start"][()], fit["feature"][()]
        for a in range(len(start) - 1):
            along[a, feature[start[a]:start[a + 1]]] += 1 / 40
        picked[k, feature[:start[region]]] = True
    assert np.allclose(s["within"][()], picked.mean(0), atol=1e-15, rtol=0)
    assert np.allclose(s["most"][()], along[:region].max(0), atol=1e-12, rtol=0)
    q = picked.sum(1).mean()
    assert abs(s.attrs["picked"] - q) < 1e-12 and abs(s.attrs["bound"] - q * q / p * 2) < 1e-12
    assert s.attrs["bound"] <= 1
    names, truth = result["feature"].asstr()[()], set(result["truth_feature"][()])
    stable = np.flatnonzero(picked.mean(0) >= 0.75)
    print("stable", list(stable), "true", sorted(truth))
    assert len(truth & set(stable)) >= 4 and len(set(stable) - truth) <= 1
rows = list(csv.DictReader(open("out/one.stability.tsv"), delimiter="\t"))
assert [r["feature"] for r in rows if r["stable"] == "1"] == \
    [names[j] for j in sorted(stable, key=lambda j: (-picked.mean(0)[j], -along[:region].max(0)[j], j))]
assert len(rows) == (picked.sum(0) > 0).sum()
found = json.load(open("out/one.json"))["stability"]
assert {f["name"] for f in found["stable"]} == set(names[stable]) and found["pairs"] == 20
PYTHON

# From the result file alone; another result under the prefix takes the tables away.
expect_done "$RIATA" report out/one -o again
expect_text '^Stability ' out.txt
for ending in stability.tsv stability_path.tsv json; do
  cmp "out/one.$ending" "again.$ending" || wrong "report writes another .$ending"
done
expect_done "$RIATA" cv data.h5 --folds 5 --alphas 5 -o again
for ending in stability.tsv stability.svg stability.gp; do
  [ ! -e "again.$ending" ] || wrong "again.$ending is of another result"
done

# What is not so is found out.
forge() {
  cp out/one.h5 forged.h5
  "$PYTHON" -c "import h5py
with h5py.File('forged.h5', 'a') as file:
    s = file['result/stability']
    $2"
  run "$RIATA" verify forged data.h5
  [ "$status" -ne 0 ] || wrong "verify accepts another $1"
}
forge frequency 's["within"][3] += 1 / 40'
forge region 's.attrs.modify("region", s.attrs["region"] - 1)'
forge bound 's.attrs.modify("bound", s.attrs["bound"] / 2)'
forge along 's["frequency"][0] = 0.5 + s["frequency"][0] / 4'

expect_error 1 "threshold: '0.5' is not allowed; give a number above 0.5 and at most 1" \
  "$RIATA" stability data.h5 --threshold 0.5
expect_error 1 "pairs: '1' is not allowed" "$RIATA" stability data.h5 --pairs 1
expect_error 1 "pfer: '0' is not allowed" "$RIATA" stability data.h5 --pfer 0
expect_error 1 'stability selection is of one path' "$RIATA" stability data.h5 --l1-ratio 0.5,1
expect_error 1 'ridge keeps every feature' "$RIATA" stability data.h5 --l1-ratio 0
expect_error 1 'group columns' "$RIATA" stability data.h5 --half-scheme grouped
expect_error 1 "unknown option '--folds'" "$RIATA" stability data.h5 --folds 3

# Buehlmann, Kalisch and Meier (2014) find YXLD_at, YOAB_at and LYSC_at stable.
data=${RIATA_SHARED_DATA:-}/riboflavin.csv.gz
if [ -r "$data" ]; then
  expect_done "$RIATA" import "$data" --response q_RIBFLV -o riboflavin.h5
  expect_done "$RIATA" stability riboflavin.h5 --pairs 50 -o out/riboflavin
  head -n 8 out/riboflavin.stability.tsv | sed 's/^/    /'
  for gene in YXLD_at YOAB_at; do
    grep -P "^$gene\t" out/riboflavin.stability.tsv | cut -f5 | grep -x 1 >/dev/null || wrong "$gene is not stable"
  done
  rank=$(grep -P '^LYSC_at\t' out/riboflavin.stability.tsv | cut -f6)
  [ "$rank" -le 6 ] || wrong "LYSC_at has rank $rank"
fi
finish
