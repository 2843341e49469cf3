#!/usr/bin/env bash
# Covariates are in every model, unpenalised: optimality conditions with numpy, categorical levels
# against columns coded by hand, missing values, predictions of new samples, and every sentence.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python numpy h5py
check() {
  "$PYTHON" "$RIATA_SOURCE/tests/e2e/check_covariates.py" "$@" >check.txt 2>&1 ||
    { wrong "not optimal: $*"; tail -n 5 check.txt; }
}

# A table; covariates by sample name, in another order, with a sample too many and one too few.
awk 'BEGIN { OFS = ","; srand(5); print "id,a,b,c,d,e,y"
  for (i = 1; i <= 90; i++) { a = rand(); b = rand(); c = rand()
    site = i % 3; age = 20 + int(40 * rand())
    print "s" i, a, b, c, rand(), rand(), 2 * a - b + 3 * (site == 1) + age / 20 + rand()
    print "s" i, site == 0 ? "Rome" : site == 1 ? "Oslo" : "Bern", i % 7 == 0 ? "NA" : age, \
      i % 4 >"covar.txt" } }' >table.csv
sed 's/,/\t/g' covar.txt | sort -r | awk -F'\t' 'BEGIN { OFS = "\t"; print "IID\tsite\tage\tbatch" }
  $1 != "s3" { print } END { print "stranger", "Rome", 40, 1 }' >covar.tsv
expect_done "$RIATA" import table.csv --response y -o data.h5

# Levels by hand: the most frequent level, Bern, is the reference (no line: s3, of Rome).
expect_done "$RIATA" cv data.h5 --folds 5 --covar covar.tsv --covar-name site,age --alphas 20 \
  --tol 1e-11 -o out/left
expect_text "'site' is categorical: 3 levels, the reference is 'Bern'" err.txt
expect_text '13 samples with a response lack a covariate' err.txt
expect_text 'has no line for 1 of 90 samples' err.txt
expect_text '1 lines of covar.tsv are of samples that are not in the dataset' err.txt
awk -F'\t' 'BEGIN { OFS = "\t" } NR == 1 { print "sample", "site=Oslo", "site=Rome", "age"; next }
  { print $1, $2 == "Oslo", $2 == "Rome", $3 }' covar.tsv >coded.tsv
check out/left.h5 data.h5 coded.tsv
expect_done "$RIATA" verify out/left data.h5
expect_done "$RIATA" cv data.h5 --folds 5 --covar covar.tsv --covar-name site,age --alphas 20 \
  --tol 1e-11 --covar-missing mean -o out/mean
check out/mean.h5 data.h5 coded.tsv
expect_done "$RIATA" verify out/mean data.h5
[ "$(head -n 1 out/mean.covariates.tsv)" = \
  $'covariate\tcoefficient\tstandardized_coefficient\treference' ] || wrong 'header of covariates'
[ "$(cut -f 1,4 out/mean.covariates.tsv | tail -n +2 | tr '\t\n' ',;')" = \
  'site=Oslo,Bern;site=Rome,Bern;age,;' ] || wrong 'covariates.tsv'
# Never a feature, never selected.
! grep -q 'site\|age' out/mean.features.tsv || wrong 'a covariate is among the features'
"$PYTHON" - <<'END' || wrong 'nnz counts covariates'
import json
r = json.load(open("out/mean.json"))
assert r["nnz"][0] == 0 and r["p"] == 5 and len(r["covariates"]) == 3
END

# Numbers that are names of groups.
expect_done "$RIATA" cv data.h5 --folds 5 --covar covar.tsv --covar-name batch \
  --covar-categorical batch -o out/batch
expect_text "'batch' is categorical: 4 levels" err.txt
[ "$(wc -l <out/batch.covariates.tsv)" -eq 4 ] || wrong 'levels of batch'

# The same from /covariates of the dataset; ranks and threads change nothing.
"$PYTHON" - <<'END'
import h5py
import numpy as np
rows = {f[0]: f for f in (line.rstrip("\n").split("\t") for line in open("covar.tsv"))}
f = h5py.File("data.h5", "r+")
names = [s.decode() for s in f["samples/id"][()]]
text = h5py.string_dtype("utf-8")
f["covariates/site"] = np.array([rows[s][1] if s in rows else "" for s in names], dtype=text)
f["covariates/age"] = [float("nan") if s not in rows or rows[s][2] == "NA" else float(rows[s][2])
                       for s in names]
END
expect_done mpirun -n 2 "$RIATA" cv data.h5 --folds 5 --covar-name site,age --alphas 20 \
  --tol 1e-11 --covar-missing mean --threads 2 -o out/inside
cmp out/mean.curve.tsv out/inside.curve.tsv || wrong 'covariates inside the dataset differ'
cmp out/mean.covariates.tsv out/inside.covariates.tsv || wrong 'coefficients inside differ'

# Prediction: the covariates are needed, found by name, and unknown levels are said.
expect_done "$RIATA" import table.csv --response y -o bare.h5
expect_error 1 "has covariates, the first is 'site'.*--covar" "$RIATA" predict out/left bare.h5
expect_done "$RIATA" predict out/left bare.h5 --covar covar.tsv -o new.tsv
expect_done "$RIATA" predict out/left data.h5 -o inside.tsv
cmp new.tsv inside.tsv || wrong 'predictions by file and by dataset differ'
"$PYTHON" - <<'END' || wrong 'predictions differ from the definition'
import h5py
import numpy as np
r = h5py.File("out/left.h5", "r")["result"]
d = h5py.File("bare.h5", "r")
a = r.attrs["index_selected"]
fit = r["paths/0/fits/refit"]
at = slice(fit["start"][a], fit["start"][a + 1])
C = r["covariate_value"][()].T
C = np.where(np.isnan(C), r["covariate_mean"][()], C)
want = fit["intercept"][a] + d["X"][()].T[:, fit["feature"][at]] @ fit["coefficient"][at]
want = want + C @ fit["covariate"][a]
got = [float(line.split("\t")[1]) for line in open("new.tsv").readlines()[1:]]
assert np.abs(want - got).max() < 1e-9
END
sed 's/Oslo/Lund/' covar.tsv >lund.tsv
expect_done "$RIATA" predict out/left bare.h5 --covar lund.tsv -o lund.predictions.tsv
expect_text '30 samples have a level of a covariate that the result does not know' err.txt

# Folds by a column of the covariates: no level is in two folds; a sample without one is alone.
expect_done "$RIATA" cv bare.h5 --folds 3 --alphas 5 --covar covar.tsv --covar-name age \
  --group batch -o out/grouped
expect_text "1 samples have no 'batch': each is a group of its own" err.txt
expect_done "$RIATA" cv data.h5 --folds 3 --alphas 5 --covar-name age --group site -o out/inner
expect_done "$RIATA" cv bare.h5 --folds 4 --alphas 5 --fold-scheme stratified -o out/strata
"$PYTHON" - <<'END' || wrong 'a level of batch or site is in two folds'
import h5py
rows = {f[0]: f for f in (line.rstrip("\n").split("\t") for line in open("covar.tsv"))}
for name, column in (("grouped", 3), ("inner", 1)):
    r = h5py.File(f"out/{name}.h5", "r")["result"]
    assert r.attrs["fold_scheme"] == b"grouped"
    home = {}
    for sample, fold in zip(r["sample"].asstr()[()], r["fold"][()]):
        if sample in rows and fold >= 0:
            assert home.setdefault(rows[sample][column], fold) == fold
    assert len(set(home.values())) == 3
END
expect_error 1 '--group goes with --fold-scheme grouped, not with modulo' \
  "$RIATA" cv data.h5 --group site --fold-scheme modulo

# Sentences.
cv() { expect_error 1 "$1" "$RIATA" cv bare.h5 --folds 5 "${@:2}"; }
cv "no such column; did you mean 'site'" --covar covar.tsv --covar-name sites
cv "has no covariate 'site'" --covar-name site
cv "'age' comes twice" --covar covar.tsv --covar-name age,age
cv "'batch' is no covariate" --covar covar.tsv --covar-name age --covar-categorical batch
printf 'IID\tx\nzz\t1\n' >foreign.tsv
cv 'none of its samples is in the dataset' --covar foreign.tsv
printf 'IID\tx\ns1\t1\ns1\t2\n' >twice.tsv
cv "sample 's1' comes a second time" --covar twice.tsv
printf 'who\tx\ns1\t1\n' >header.tsv
cv "a header that begins with 'FID IID'" --covar header.tsv
awk 'BEGIN { print "IID\tname"; for (i = 1; i <= 90; i++) print "s" i "\tn" i }' >identifier.tsv
cv 'is it an identifier' --covar identifier.tsv

# Real genotypes with real missing calls and covariates.
D=${RIATA_SHARED_DATA:-}
if [ -d "$D" ]; then
  expect_done "$RIATA" import --bfile "$D/mice_hs" --pheno "$D/mice_hs.pheno" --pheno-name CD8 \
    --storage i8 -o mice.h5
  expect_done "$RIATA" cv mice.h5 --folds 5 --fold-scheme modulo --covar "$D/mice_hs.covar" \
    --covar-name sex,cage_density --alphas 8 --eps 0.1 --tol 1e-11 -o out/mice
  awk -F'\t' 'BEGIN { OFS = "\t" } NR == 1 { print "sample", "sex=F", "cage_density"; next }
    { print $2, $3 == "NA" ? "NA" : $3 == "F", $6 }' "$D/mice_hs.covar" >mice.tsv
  check out/mice.h5 mice.h5 mice.tsv
else
  printf 'skipped: RIATA_SHARED_DATA does not name the folder of reference data\n'
fi
finish
