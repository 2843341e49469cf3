#!/usr/bin/env bash
# Results in the hands of others. plink2 --score of the same .bed with riata's weights, training frequencies for missing calls and
# the intercept gives riata's predictions: to 1e-6 of their sd and the 6 digits that plink2 prints.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v plink2 >/dev/null || skip "no plink2"
use_python json

compare() { # NAME BFILE DATASET
  expect_done "$RIATA" predict "out/$1" "$3" -o "$1.tsv"
  expect_done plink2 --bfile "$2" --nonfounders --read-freq "out/$1.afreq" \
    --score "out/$1.score.tsv" 1 2 3 header cols=+scoresums --out "$1"
  "$PYTHON" - "$1" <<'END' || wrong "plink2 --score differs: $1"
import json
import math
import sys

name = sys.argv[1]
intercept = json.load(open(f"out/{name}.json"))["intercept_selected"]
with open(f"{name}.sscore") as f:
    head = f.readline().lstrip("#").split()
    rows = [line.split() for line in f]
text = {r[head.index("IID")]: r[head.index("SCORE1_SUM")] for r in rows}
want = {r[0]: float(r[1]) for r in (line.split("\t") for line in open(f"{name}.tsv")) if r[0] != "sample"}
assert want.keys() == text.keys()
mean = sum(want.values()) / len(want)
sd = math.sqrt(sum((v - mean) ** 2 for v in want.values()) / len(want))
assert sd > 0
worst = 0
for sample, v in want.items():
    sum_ = float(text[sample])
    printed = 0.51 * 10 ** (math.floor(math.log10(abs(sum_))) - 5) if sum_ else 0
    worst = max(worst, abs(intercept + sum_ - v) - printed)
print(f"{name}: {worst / sd:.2g} of the sd beyond the printed digits")
sys.exit(worst > 1e-6 * sd)
END
}

expect_done "$RIATA" simulate --bfile g -n 150 -p 400 --support 8 --missing-rate 0.02 --seed 3
expect_done "$RIATA" import --bfile g -o g.h5
expect_done "$RIATA" cv g.h5 --folds 5 -o out/g
[ "$(head -n 1 out/g.score.tsv)" = $'ID\tA1\tBETA' ] || wrong 'header of score.tsv'
head -n 1 out/g.features.tsv | grep -q $'counted_allele\tother_allele\tallele_frequency' ||
  wrong 'header of features.tsv'
compare g g g.h5

D=${RIATA_SHARED_DATA:-}
if [ -d "$D" ]; then
  expect_done "$RIATA" import --bfile "$D/mice_hs" --pheno "$D/mice_hs.pheno" --pheno-name CD8 \
    -o mice.h5
  expect_done "$RIATA" cv mice.h5 --folds 5 --alphas 20 --eps 0.1 -o out/mice
  compare mice "$D/mice_hs" mice.h5
fi

# The README's recipe for Python, word for word.
if /usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null; then
  awk '/^\*\*R\*\*/ { exit } on && /^    / { print substr($0, 5) } /^\*\*Python\*\*/ { on = 1 }' \
    "$RIATA_SOURCE/README.md" | sed 's|out/name|out/g|' >recipe.py
  cat >>recipe.py <<'END'
assert mse_path_.shape == (100, 5) and len(names) == len(coef_) == 400
assert (coef_ != 0).sum() == sum(1 for line in open("out/g.features.tsv")) - 1 > 0
X = h5py.File("g8.h5")["X"][()].T.astype(float)
X[X == -128] = np.nan
X = np.where(np.isnan(X), r["feature_mean"][()], X)
got = [float(line.split("\t")[1]) for line in open("g.tsv").readlines()[1:]]
assert np.abs(intercept_ + X @ coef_ - got).max() < 1e-9
END
  expect_done "$RIATA" import --bfile g --storage i8 -o g8.h5
  expect_done /usr/bin/python3 recipe.py
fi

# A name that ends in .gz: the same lines, compressed; and compressed tables are read.
expect_done "$RIATA" predict out/g g.h5 -o again.tsv.gz
gzip -dc again.tsv.gz | cmp - g.tsv || wrong 'again.tsv.gz holds something else'
awk 'BEGIN { print "IID\tage" } { print $2 "\t" NR % 11 }' g.fam >age.tsv
gzip -k age.tsv
for name in age.tsv age.tsv.gz; do
  expect_done "$RIATA" cv g.h5 --folds 3 --alphas 10 --covar "$name" -o "out/$name"
done
cmp out/age.tsv.covariates.tsv out/age.tsv.gz.covariates.tsv || wrong 'age.tsv.gz is read otherwise'
head -c 60 age.tsv.gz >cut.tsv.gz
expect_error 1 'cut.tsv.gz: cannot be read' "$RIATA" cv g.h5 --covar cut.tsv.gz
# What a killed run left behind is gone with the next one; of a live process it is left alone.
expect_done "$RIATA" simulate -n 40 -p 60 --support 3 -o killed.h5
sh -c 'exit 0' &
dead=$!
wait "$dead"
touch "killed.out.log.tmp$dead" "killed.out.h5.tmp$dead" "killed.out.log.tmp$$" "killed.out.log.tmp"
expect_done "$RIATA" cv killed.h5 --folds 3 -o killed.out
for file in log h5; do
  [ ! -e "killed.out.$file.tmp$dead" ] || wrong "killed.out.$file.tmp$dead of a dead process stays"
done
[ -e "killed.out.log.tmp$$" ] || wrong 'the temporary of a live process is gone'
[ -e killed.out.log.tmp ] || wrong 'a file that is no temporary is gone'
finish
