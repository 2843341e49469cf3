#!/usr/bin/env bash
# Sex, column 5 of a .fam, is a covariate when told and never else: the same model as from a table
# that says it, from the .bed and from its import; unknown ones are missing; predictions of new
# samples take it from their .fam; every sentence.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"

expect_done "$RIATA" simulate -n 120 -p 80 --kind genotype --support 5 --bfile g
awk 'BEGIN { OFS = "\t"; srand(3) } { $5 = NR % 40 == 7 ? 0 : NR % 40 == 9 ? 3 : NR % 3 == 0 ? 2 : 1
  $6 += 2 * ($5 == 2); print }' g.fam >sexed && cp g.fam plain.fam && mv sexed g.fam
cp g.bed plain.bed && cp g.bim plain.bim
awk 'BEGIN { OFS = "\t"; print "#FID", "IID", "female" }
  { print $1, $2, $5 == 2 ? 1 : $5 == 1 ? 0 : "NA" }' g.fam >sex.tsv

expect_done "$RIATA" cv --bfile g --sex --folds 4 --alphas 20 -o out/sex
expect_text '--sex: 76 male, 38 female, 6 unknown' err.txt
expect_text "'SEX' is categorical: 2 levels, the reference is 'male'" err.txt
expect_text '6 samples with a response lack a covariate' err.txt
expect_done "$RIATA" verify out/sex --bfile g
expect_done "$RIATA" cv --bfile g --covar sex.tsv --folds 4 --alphas 20 -o out/table
cmp -s out/sex.curve.tsv out/table.curve.tsv || wrong 'a table of sex gives another curve'
[ "$(cut -f 2 out/sex.covariates.tsv | tail -1)" = "$(cut -f 2 out/table.covariates.tsv | tail -1)" ] ||
  wrong 'a table of sex gives another coefficient'
[ "$(cut -f 1,4 out/sex.covariates.tsv | tail -1)" = $'SEX=female\tmale' ] || wrong covariates.tsv

# The import has it too, and beside it another covariate.
expect_done "$RIATA" import --bfile g -o g.h5
expect_done "$RIATA" cv g.h5 --sex --folds 4 --alphas 20 -o out/import
cmp -s out/sex.curve.tsv out/import.curve.tsv || wrong 'the import gives another curve'
awk 'BEGIN { OFS = "\t"; print "IID", "age" } { print $2, 20 + NR % 17 }' g.fam >age.tsv
expect_done "$RIATA" cv g.h5 --sex --covar age.tsv --folds 4 --alphas 20 -o out/both
[ "$(cut -f 1 out/both.covariates.tsv | tr '\n' ' ')" = 'covariate age SEX=female ' ] ||
  wrong 'age and sex'
expect_done "$RIATA" predict out/both --bfile g --covar age.tsv -o new.tsv
expect_done "$RIATA" predict out/sex g.h5 -o new.tsv
[ "$(wc -l <new.tsv)" -eq 121 ] || wrong 'predictions'

# Only when told.
expect_done "$RIATA" cv --bfile g --folds 4 --alphas 20 -o out/untold
[ ! -e out/untold.covariates.tsv ] || wrong 'sex is a covariate though nobody asked'
expect_error 1 'says of no sample whether it is male' "$RIATA" cv --bfile plain --sex
expect_error 1 'SEX' "$RIATA" predict out/sex --bfile plain -o new.tsv
sed 's/female/SEX/' sex.tsv >twice.tsv
expect_error 1 'SEX is there already' "$RIATA" cv --bfile g --sex --covar twice.tsv
finish
