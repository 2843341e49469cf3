#!/usr/bin/env bash
# scripts/quickstart on a fresh copy of the sources: builds, runs the diabetes study and simulated
# genotypes, finds true features, and leaves results and pictures; and the same with a table of the
# user's.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

mkdir fresh
for name in src include scripts slurm tests CMakeLists.txt README.md LICENSE; do
  cp -r "$RIATA_SOURCE/$name" fresh/
done
cd fresh
expect_done ./scripts/quickstart --no-install
for name in diabetes genotypes; do
  for suffix in h5 json curve.tsv features.tsv log; do
    [ -s "out/$name.cv.$suffix" ] || wrong "out/$name.cv.$suffix is missing"
  done
  [ -s "out/$name.cv.curve.svg" ] || [ -s "out/$name.cv.curve.gp" ] || wrong "$name: no picture"
done
expect_text '442 patients' out.txt
found=$(sed -nE 's/^Truth +([0-9]+) of 20 true features.*/\1/p' out.txt)
[ "${found:-0}" -ge 15 ] || wrong "only '$found' of 20 true features found"
expect_text '"p": *64' out/diabetes.cv.json

printf 'sample,a,"b, c",y\n' >table.csv
awk 'BEGIN { srand(1); for (i = 0; i < 40; i++) { a = rand(); print "s" i "," a "," rand() "," 2 * a + rand() / 9 } }' \
  >>table.csv
expect_done ./scripts/quickstart --no-install table.csv
expect_text "last column, 'y'" out.txt
[ -s out/table.cv.json ] || wrong 'no result for a table'
expect_error_status() {
  run "${@:2}"
  [ "$status" -eq "$1" ] || wrong "exit status $status, not $1: ${*:2}"
}
expect_error_status 1 ./scripts/quickstart --no-install absent.csv
finish
