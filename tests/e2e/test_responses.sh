#!/usr/bin/env bash
# Which samples a run is made of. Several responses in one run: each has the result it has alone, byte for byte, though their missing
# values differ; X is read once; a wrong one is found before anything is read.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" simulate --bfile g -n 90 -p 150 --support 6 --missing-rate 0.01 --seed 4
awk 'BEGIN { OFS = "\t"; srand(9); print "FID", "IID", "one", "two", "a/b" }
  { print $1, $2, NR % 9 == 0 ? "NA" : $6, NR % 7 == 2 ? "NA" : -$6 + rand(), rand() }' \
  g.fam >pheno.tsv
cut -f 1,2,5 pheno.tsv | sed '1s/.*/FID\tIID\tage/' >covar.tsv

alone() { # NAME FILE
  expect_done "$RIATA" cv --bfile g --pheno pheno.tsv --pheno-name "$1" --covar covar.tsv --folds 4 \
    -o "alone/$2"
}
expect_done mpirun -n 2 "$RIATA" cv --bfile g --pheno pheno.tsv --pheno-name one,two,a/b \
  --covar covar.tsv --folds 4 --threads 1 -o out/all
[ "$(grep -c '^read X' err.txt)" -eq 1 ] || wrong 'X is not read once'
for name in one two a_b; do
  alone "$(printf '%s' "$name" | tr _ /)" "$name"
  for ending in curve.tsv features.tsv covariates.tsv score.tsv; do
    cmp "alone/$name.$ending" "out/all.$name.$ending" || wrong "$name.$ending differs"
  done
  expect_done "$RIATA" verify "out/all.$name" --bfile g --pheno pheno.tsv
done
[ ! -e out/all.h5 ] || wrong 'a result of no response'
[ -s out/all.log ] || wrong 'no log'
expect_text 'response 2 of 3: two' out/all.log

# Responses of a dataset in HDF5.
use_python h5py
expect_done "$RIATA" import --bfile g --pheno pheno.tsv --pheno-name one -o g.h5
"$PYTHON" - <<'END'
import h5py
f = h5py.File("g.h5", "r+")
y = f["y/one"][()]
f["y/twice"] = 2 * y
f["y/flat"] = 0 * y
END
expect_done "$RIATA" path g.h5 --response twice,one --alphas 20 -o out/h5
for name in one twice; do
  expect_done "$RIATA" path g.h5 --response "$name" --alphas 20 -o "alone/h5.$name"
  cmp "alone/h5.$name.curve.tsv" "out/h5.$name.curve.tsv" || wrong "$name of g.h5 differs"
  expect_done "$RIATA" verify "out/h5.$name" g.h5
done

# --missing: what is dropped is counted, and the rest is what it would be alone.
for what in sample feature; do
  expect_done "$RIATA" path --bfile g --missing "drop-$what" --alphas 20 -o "out/$what"
  expect_text "^--missing: [0-9]+ ${what}s with a missing value are dropped" err.txt
  expect_text 'read X: .* 0 missing values' err.txt
  expect_done "$RIATA" verify "out/$what" --bfile g --missing "drop-$what"
done
expect_done "$RIATA" import --bfile g --storage i8 -o g8.h5
"$PYTHON" - <<'END'
import h5py
f = h5py.File("g8.h5")
X = f["X"][()]
names = f["samples/id"].asstr()[()], f["features/id"].asstr()[()]
for name, list_, bad in (("keep", names[0], (X == -128).any(axis=0)),
                         ("extract", names[1], (X == -128).any(axis=1))):
    assert 0 < bad.sum() < len(bad)
    open(name, "w").write("".join(f"{n}\n" for n, b in zip(list_, bad) if not b))
END
expect_done "$RIATA" path --bfile g --keep keep --alphas 20 -o alone/sample
expect_done "$RIATA" path --bfile g --extract extract --alphas 20 -o alone/feature
for what in sample feature; do
  cmp "alone/$what.curve.tsv" "out/$what.curve.tsv" || wrong "--missing drop-$what differs"
done
expect_error 1 'is missing' "$RIATA" path --bfile g --missing error -o out/error

# Nothing is read, nor written, where a later one is wrong.
for wrong_one in "one,three|has no response 'three'" "one,flat|response 'flat' is constant" \
  "one,one|'one' comes twice" "one,,two|has an empty name"; do
  expect_error 1 "${wrong_one#*|}" "$RIATA" cv g.h5 --response "${wrong_one%|*}" -o bad/x
  ! grep -q '^read X' err.txt || wrong 'X was read'
  [ ! -e bad/x.one.h5 ] || wrong 'something is written'
done
finish
