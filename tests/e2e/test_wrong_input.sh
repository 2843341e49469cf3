#!/usr/bin/env bash
# Wrong input: each kind gets one sentence that names file and place, exit status 1 before anything
# is written, and under mpirun the same from all ranks. What is no error is counted and said.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

# table NAME < rows
table() { cat >"$1"; }
import() { expect_error 1 "$1" "$RIATA" import "${@:2}" --response y -o new.h5; }

# Tables.
printf 'a,b,y\n1,2,3\n4,5\n' | table ragged.csv
import 'ragged\.csv.*3' ragged.csv
printf 'a,b,y\n1,2,3\n4,five,6\n' | table word.csv
import "word\.csv.*'?five" word.csv
printf 'a,b,y\n1,2,3\n4,,6\n7,8,9\n' | table missing.csv
import "missing\.csv.*b" missing.csv
expect_done "$RIATA" import missing.csv --response y --missing mean -o keep.h5
expect_text '1 values of X are missing' err.txt
printf 'a,b,y\n1,2,3\n4,inf,6\n' | table inf.csv
import 'inf\.csv' inf.csv
printf 'id,a,y\ns1,1,2\ns1,3,4\n' | table twice.csv
import "twice\.csv.*s1" twice.csv
printf 'a,b,y\n' | table empty.csv
import 'empty\.csv' empty.csv
printf 'a,b,target\n1,2,3\n4,5,6\n' | table other.csv
import "other\.csv.*'y'" other.csv
import 'absent\.csv' absent.csv
import 'f64 or f32' other.csv --storage i8
[ ! -e new.h5 ] || wrong 'a failed import left a dataset'

# PLINK files.
expect_done "$RIATA" simulate --bfile good -n 50 -p 30 --support 3
for suffix in bed bim fam; do
  for copy in short foreign lines; do cp "good.$suffix" "$copy.$suffix"; done
done
head -c 100 good.bed >short.bed
printf 'not a bed' >foreign.bed
head -n 29 good.bim >lines.bim
for copy in short foreign lines; do
  expect_error 1 "$copy\.(bed|bim|fam)" "$RIATA" import --bfile "$copy" -o new.h5
done
expect_error 1 'absent' "$RIATA" import --bfile absent -o new.h5
expect_error 1 '--response' "$RIATA" import --bfile good --response y -o new.h5
[ ! -e new.h5 ] || wrong 'a failed import left a dataset'

# Datasets.
"$PYTHON" - <<'END'
import h5py, numpy
rng = numpy.random.default_rng(1)
x, y = rng.normal(size=(20, 6)), rng.normal(size=20)
def write(name, x=x, y=y):
    with h5py.File(name, "w") as f:
        f["a/x"], f["a/y"] = x, y
def changed(value):
    copy = x.copy()
    copy[2, 4] = value
    return copy
write("good_foreign.h5")
write("square.h5", x=rng.normal(size=(20, 20)))
write("length.h5", y=y[:-1])
write("inf.h5", x=changed(numpy.inf))
write("nan.h5", x=changed(numpy.nan))
write("constant.h5", y=numpy.ones(20))
write("unknown.h5", y=numpy.full(20, numpy.nan))
write("complex.h5", x=x.astype(complex))
few = y.copy()
few[3:] = numpy.nan
write("few.h5", y=few)
one = y.copy()
one[5] = numpy.nan
write("left_out.h5", y=one)
END
printf 'no HDF5' >text.h5
foreign=(--x a/x --y a/y)
cv() { expect_error 1 "$1" "$RIATA" cv "${@:2}" -o out/bad; }
cv 'absent\.h5' absent.h5
cv 'text\.h5' text.h5
cv "good_foreign\.h5" good_foreign.h5
cv "good_foreign\.h5.*a/z" good_foreign.h5 --x a/z --y a/y
cv 'square\.h5.*--layout' square.h5 "${foreign[@]}"
cv 'length\.h5.*19' length.h5 "${foreign[@]}"
cv 'inf\.h5' inf.h5 "${foreign[@]}" --missing mean
cv 'nan\.h5.*--missing mean' nan.h5 "${foreign[@]}"
cv 'constant\.h5.*constant' constant.h5 "${foreign[@]}"
cv 'unknown\.h5.*missing in all 20' unknown.h5 "${foreign[@]}"
cv 'complex\.h5' complex.h5 "${foreign[@]}"
cv 'folds 5.*3 samples' few.h5 "${foreign[@]}" --folds 5
cv '21' good_foreign.h5 "${foreign[@]}" --folds 21
cv 'one|group' good_foreign.h5 "${foreign[@]}" --fold-scheme grouped
cv '/folds' good_foreign.h5 "${foreign[@]}" --fold-scheme stored
printf 'sample\tweight\n1\t-1\n' >negative.tsv
cv 'negative\.tsv.*line 2' good_foreign.h5 "${foreign[@]}" --weights negative.tsv
printf 'sample\tweight\n1\t1\n' >partial.tsv
cv "partial\.tsv.*sample '2' has no line" good_foreign.h5 "${foreign[@]}" --weights partial.tsv
printf 'name\tfold\n1\t0\n' >header.tsv
cv "header\.tsv.*'sample' and 'fold'" good_foreign.h5 "${foreign[@]}" --fold-file header.tsv
printf 'feature\tfactor\nabsent\t0\n' >factor.tsv
cv 'factor\.tsv.*no feature' good_foreign.h5 "${foreign[@]}" --penalty-factors factor.tsv
cv "alpha-blocks: '9'" good_foreign.h5 "${foreign[@]}" --alphas 8 --alpha-blocks 9
[ -z "$(find . -path './out/*' -type f)" ] || wrong "failed runs left $(find out)"

# The output.
cp good_foreign.h5 mine.h5
expect_error 1 'would replace the dataset' "$RIATA" cv mine.h5 "${foreign[@]}" -o mine
cmp -s mine.h5 good_foreign.h5 || wrong 'the dataset was touched'
printf '' >file
expect_error 1 'file' "$RIATA" cv mine.h5 "${foreign[@]}" -o file/result

# Under mpirun: one sentence, the same status, also where only reading X finds the fault.
expect_error 1 'absent\.h5' mpirun -n 2 "$RIATA" cv absent.h5 -o out/bad
expect_error 1 'nan\.h5' mpirun -n 3 "$RIATA" cv nan.h5 "${foreign[@]}" -o out/bad
expect_error 1 'absent\.csv' mpirun -n 2 "$RIATA" import absent.csv --response y -o new.h5
[ -z "$(find . -path './out/*' -type f)" ] || wrong "failed runs left $(find out)"

# No errors, but said.
expect_done "$RIATA" cv nan.h5 "${foreign[@]}" --missing mean --folds 4 -o out/mean
expect_text '1 missing value' err.txt
expect_done "$RIATA" cv left_out.h5 "${foreign[@]}" --folds 4 -o out/left
expect_text '1 of 20 rows' err.txt
expect_text '"n": *19' out/left.json
expect_done "$RIATA" info constant.h5 "${foreign[@]}"
expect_text 'response is constant' err.txt
printf 'a,b,c,y\n1,2,3,3\n4,,3,6\n7,,3,9\n' >known.csv
expect_done "$RIATA" import known.csv --response y --missing mean -o known.h5
expect_done "$RIATA" info known.h5
expect_text '^shape +3 samples x 3 features' out.txt
expect_text '^values +1 to 7$' out.txt
expect_text '^missing +2 values in 1 features, most in b: 2$' out.txt
expect_text '^constant +2 features, the first is b$' out.txt
finish
