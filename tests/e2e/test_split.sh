#!/usr/bin/env bash
# Test samples leave no trace in a model: with them kept out by --test-fraction, --test-file
# or --test-column, curve and coefficients are the same bytes, and by --remove the same numbers; the
# errors on them are those of predict on their own; nothing depends on ranks and threads.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" simulate -n 90 -p 40 --support 5 -o data.h5 --seed 4
expect_done "$RIATA" split data.h5 --test-fraction 0.3 --test-seed 7 -o lists/data
[ "$(grep -c -v '#' lists/data.test.txt)" = 27 ] || wrong "27 of 90 samples are to be tested"
[ "$(sort lists/data.train.txt lists/data.test.txt | uniq -d)" = "#IID" ] ||
  wrong "a sample is in both lists"
{
  printf 'IID\tside\n'
  grep -v '#' lists/data.train.txt | sed 's/$/\ttrain/'
  grep -v '#' lists/data.test.txt | sed 's/$/\tTEST/'
} >sides.tsv

solve() { # NAME OPTIONS...
  local name=$1
  shift
  expect_done "$RIATA" cv data.h5 --folds 4 --alphas 12 --threads 1 -o "out/$name" "$@"
}
solve fraction --test-fraction 0.3 --test-seed 7
solve file --test-file lists/data.test.txt
solve column --covar sides.tsv --test-column side
solve without --remove lists/data.test.txt
for name in file column; do
  cmp -s "out/fraction.curve.tsv" "out/$name.curve.tsv" || wrong "the curve of $name differs"
  cmp -s "out/fraction.features.tsv" "out/$name.features.tsv" ||
    wrong "the coefficients of $name differ"
done
expect_done "$RIATA" verify out/fraction data.h5
expect_done "$RIATA" verify out/file data.h5

expect_done "$RIATA" predict out/without data.h5 --keep lists/data.test.txt -o predicted.tsv
python3 - <<'PYTHON' || wrong "the test errors are not those of predict"
import json, math
test = json.load(open("out/fraction.json"))["test"]
rows = [line.split("\t") for line in open("predicted.tsv").read().splitlines()[1:]]
pairs = [(float(b), float(a)) for _, a, b in rows]
mean = sum(y for y, _ in pairs) / len(pairs)
mse = sum((y - f) ** 2 for y, f in pairs) / len(pairs)
mae = sum(abs(y - f) for y, f in pairs) / len(pairs)
r2 = 1 - mse * len(pairs) / sum((y - mean) ** 2 for y, _ in pairs)
wanted = {"samples": 27, "chosen": "fraction", "fraction": 0.3, "seed": 7}
for name, value in wanted.items():
    assert test[name] == value, (name, test[name])
for name, value in {"mse": mse, "rmse": math.sqrt(mse), "mae": mae, "r2": r2}.items():
    assert math.isclose(test[name], value, rel_tol=1e-9), (name, test[name], value)
without = json.load(open("out/without.json"))
assert without["test"] is None
for a, b in zip(without["cv_mean"], json.load(open("out/fraction.json"))["cv_mean"], strict=True):
    assert math.isclose(a, b, rel_tol=1e-9), (a, b)
PYTHON

# the same bytes on ranks and threads
expect_done mpirun -n 3 "$RIATA" cv data.h5 --folds 4 --alphas 12 --threads 2 -o out/ranks \
  --test-fraction 0.3 --test-seed 7
cmp -s out/fraction.features.tsv out/ranks.features.tsv || wrong "3 ranks make a difference"

# path and fit have test samples too
expect_done "$RIATA" fit data.h5 --alpha 0.1 --test-fraction 0.3 --test-stratify -o out/fit
grep -q '27 samples kept out of everything' out/fit.log || wrong "fit says nothing of its test"
expect_done "$RIATA" path data.h5 --alphas 5 --test-fraction 0.3 -o out/path

# wrong input, in a sentence
expect_error 1 "give one of them" "$RIATA" cv data.h5 --test-fraction 0.3 --test-file lists/data.test.txt
expect_error 1 "test-fraction" "$RIATA" cv data.h5 --test-fraction 0.001
expect_error 1 "not allowed" "$RIATA" cv data.h5 --test-fraction 1.5
expect_error 1 "goes with --test-fraction" "$RIATA" cv data.h5 --test-stratify
expect_error 1 "give one of the two" "$RIATA" cv data.h5 --test-fraction 0.3 --test-stratify --test-group FID
expect_error 1 "nobody.txt" "$RIATA" cv data.h5 --test-file nobody.txt
expect_error 1 "Give --test-fraction" "$RIATA" split data.h5
sed 's/TEST/maybe/' sides.tsv >maybe.tsv
expect_error 1 "which is none of test, train" "$RIATA" cv data.h5 --covar maybe.tsv \
  --test-column side
finish
