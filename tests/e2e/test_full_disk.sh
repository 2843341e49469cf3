#!/usr/bin/env bash
# No room for the output: one sentence, exit status 3, the old files as they were, nothing new left
# behind. A limit on the size of files stands in for the full disk.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# limited KILOBYTES COMMAND...: writing past that fails as on a full disk.
limited() {
  local room=$1
  shift
  (
    trap '' XFSZ
    ulimit -f "$room"
    exec "$@"
  )
}

expect_done "$RIATA" simulate -n 200 -p 400 --support 5 -o data.h5
awk 'BEGIN { OFS = ","; srand(1); print "a", "b", "c", "y"
  for (i = 0; i < 60000; i++) print rand(), rand(), rand(), rand() }' >table.csv
expect_done "$RIATA" cv data.h5 --folds 4 --alphas 50 -o out/result
mkdir before && cp out/* before/

for room in 1 30 200; do
  expect_error 3 'out/result\.' limited "$room" "$RIATA" cv data.h5 --folds 4 --alphas 50 --seed 2 -o out/result
  # each file is the old one or a whole new one, and none is left over
  [ "$(find out -type f | wc -l)" -eq "$(find before -type f | wc -l)" ] || {
    wrong "files left behind with $room KB"
    ls out
  }
done
# what was computed is not lost: the checkpoint is still there, and the same command ends what is left
rm -rf out/result.*
mkdir kept
expect_error 3 'kept/result\.' limited 150 "$RIATA" cv data.h5 --folds 4 --alphas 50 --checkpoint-every 0 -o kept/result
[ "$(find kept -type f ! -path 'kept/result.checkpoint/*' | wc -l)" -eq 0 ] || wrong 'parts of a result are left'
expect_done "$RIATA" cv data.h5 --folds 4 --alphas 50 -o kept/result --resume
expect_text '^resuming from kept/result.checkpoint' err.txt
cmp before/result.curve.tsv kept/result.curve.tsv || wrong 'another result after a full disk'

expect_error 3 'page\.html' limited 10 "$RIATA" report before/result -o page.html
expect_error 3 'tables' limited 10 "$RIATA" report before/result -o tables
expect_error 3 'compared' limited 2 "$RIATA" compare data.h5 --folds 3 --test-repeats 2 -o compared
expect_error 3 'job\.sbatch' limited 1 "$RIATA" plan data.h5 --write job.sbatch
for leftover in page* tables* compared* job*; do
  [ ! -f "$leftover" ] || wrong "left behind: $leftover"
done

expect_error 3 'new\.h5' limited 100 "$RIATA" import table.csv --response y -o new.h5
expect_error 3 'new\.h5' limited 100 "$RIATA" simulate -n 200 -p 400 -o new.h5
expect_error 3 'new\.bed' limited 4 "$RIATA" simulate -n 400 -p 400 --bfile new
expect_error 3 'new\.tsv' limited 1 "$RIATA" predict before/result data.h5 -o new.tsv
for leftover in new*; do
  [ ! -e "$leftover" ] || wrong "left behind: $leftover"
done
finish
