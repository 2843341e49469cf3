#!/usr/bin/env bash
# predict matches features by name and genotypes by allele: columns in another order, alleles
# exchanged, features added or taken away give the predictions that algebra says.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# close FILE FILE: the same samples, predictions equal to 9 digits of their size.
close() {
  awk -F'\t' 'FNR == 1 { next } NR == FNR { name[FNR] = $1; value[FNR] = $2; n++; next }
    { d = $2 - value[FNR]; if (d < 0) d = -d; s = $2 < 0 ? -$2 : $2
      if ($1 != name[FNR] || d > 1e-9 * (1 + s)) bad++; m++ }
    END { exit bad > 0 || n != m || n == 0 }' "$1" "$2" || wrong "$1 and $2 differ"
}
predict() { expect_done "$RIATA" predict "$1" "$2" -o "$3"; }

# A table, its columns turned round, a stranger added, and y left out.
awk 'BEGIN { OFS = ","; srand(7); print "id,a,b,c,d,y"
  for (i = 1; i <= 60; i++) { a = rand(); b = 9 * rand(); c = rand(); d = rand()
    print "s" i, a, b, c, d, 3 * a - b + rand() } }' >table.csv
awk -F, 'BEGIN { OFS = "," } { print $1, $5, NR == 1 ? "z" : 4, $3, $2, $4, $6 }' table.csv >turned.csv
awk -F, 'BEGIN { OFS = "," } { print $1, $2, $4, $5, $6 }' table.csv >less.csv
for name in table turned less; do
  expect_done "$RIATA" import "$name.csv" --response y -o "$name.h5"
done
expect_done "$RIATA" cv table.h5 --folds 5 -o out/fit
predict out/fit table.h5 plain.tsv
expect_text 'R2 0\.9' err.txt
[ "$(head -n 1 plain.tsv)" = $'sample\tprediction\tobserved' ] || wrong 'header of plain.tsv'
[ "$(wc -l <plain.tsv)" -eq 61 ] || wrong 'lines of plain.tsv'
predict out/fit turned.h5 turned.tsv
expect_text '1 features of the dataset are unknown' err.txt
close plain.tsv turned.tsv

# The prediction itself, from the features table: intercept free, so compare differences.
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "coefficient") at = i; next }
  { print $1, $at }' out/fit.features.tsv >coefficients.txt
awk -F, 'NR == FNR { split($0, w, " "); beta[w[1]] = w[2]; next }
  FNR == 1 { for (i = 2; i <= 5; i++) name[i] = $i; print "sample\tprediction"; next }
  { v = 0; for (i = 2; i <= 5; i++) v += beta[name[i]] * $i
    if (FNR == 2) first = v; printf "%s\t%.15g\n", $1, v - first }' \
  coefficients.txt table.csv >expected.tsv
awk -F'\t' 'NR == 1 { print; next } NR == 2 { first = $2 } { printf "%s\t%.15g\n", $1, $2 - first }' \
  plain.tsv >differences.tsv
close expected.tsv differences.tsv

# b is strong: without it, its training mean is taken, and said.
predict out/fit less.h5 less.tsv
expect_text "1 features with a coefficient are not in the dataset, the first is 'b'" err.txt
mean=$(awk -F, 'NR > 1 { s += $3; n++ } END { printf "%.17g", s / n }' table.csv)
awk -F, -v mean="$mean" 'BEGIN { OFS = "," } NR > 1 { $3 = mean } { print }' table.csv >filled.csv
expect_done "$RIATA" import filled.csv --response y -o filled.h5
predict out/fit filled.h5 filled.tsv
close less.tsv filled.tsv

# Which alpha.
expect_done "$RIATA" predict out/fit table.h5 --alpha-index 0 -o flat.tsv
[ "$(cut -f 2 flat.tsv | tail -n +2 | sort -u | wc -l)" -eq 1 ] || wrong 'alpha_max is not flat'
expect_error 1 "--alpha-index: '100'.*at most 99" "$RIATA" predict out/fit table.h5 --alpha-index 100
expect_done "$RIATA" fit table.h5 --alpha 0.1 -o out/single
expect_error 1 'no error curve' "$RIATA" predict out/single table.h5 --select min

# Genotypes whose A1 and A2 are exchanged in .bim and .bed: the same people, the same predictions.
expect_done "$RIATA" simulate --bfile g -n 80 -p 200 --support 5 --missing-rate 0.01 --seed 2
expect_done "$RIATA" import --bfile g -o g.h5
expect_done "$RIATA" cv g.h5 --folds 5 -o out/g
predict out/g g.h5 g.tsv
cp g.fam swapped.fam
awk 'BEGIN { OFS = "\t" } { t = $5; $5 = $6; $6 = t; print }' g.bim >swapped.bim
use_python struct
"$PYTHON" - <<'END'
data = open("g.bed", "rb").read()
code = {0: 3, 1: 1, 2: 2, 3: 0}
turned = bytes(sum(code[b >> s & 3] << s for s in (0, 2, 4, 6)) for b in data[3:])
open("swapped.bed", "wb").write(data[:3] + turned)
END
expect_done "$RIATA" import --bfile swapped -o swapped.h5
predict out/g swapped.h5 swapped.tsv
expect_text 'features count the other allele here' err.txt
close g.tsv swapped.tsv

# A result and a dataset that have nothing in common.
expect_error 1 'none of its 200 features' "$RIATA" predict out/fit g.h5
finish
