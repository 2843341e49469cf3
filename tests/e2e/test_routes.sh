#!/usr/bin/env bash
# The same genotypes by every route - the .bed as it is, the .bed imported, the GT of the VCF
# that PLINK 2 makes from it, a CSV of its export in doubles and in floats - give the same error
# curve byte for byte; dosages give it within their rounding.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ -d "${RIATA_SHARED_DATA:-}" ] || skip "RIATA_SHARED_DATA does not name the folder of reference data"
command -v plink2 >/dev/null || skip "no plink2"
D=$RIATA_SHARED_DATA

plink() {
  plink2 --bfile "$D/mice_hs" --extract variants --mouse --silent "$@" || wrong "plink2 $*"
}
zcat "$D/mice_hs_chr19.vcf.gz" | awk '!/^#/ { print $3 }' >variants
awk '{ print $2, $5 }' "$D/mice_hs.bim" >counted
plink --export vcf bgz id-paste=iid --out gt
plink --export A --export-allele counted --out raw
# sample, response, genotypes; NA where missing
awk 'NR == FNR { if (FNR == 1) for (k = 1; k <= NF; k++) if ($k == "CD8") at = k
                 y[$2] = $at; next }
     { line = FNR == 1 ? "id,CD8" : $2 "," y[$2]
       for (k = 7; k <= NF; k++) { name = $k; if (FNR == 1) sub(/_[^_]*$/, "", name)
                                   line = line "," name }
       print line }' "$D/mice_hs.pheno" raw.raw >raw.csv

pheno=(--pheno "$D/mice_hs.pheno" --pheno-name CD8)
expect_done "$RIATA" import --bfile "$D/mice_hs" --extract variants "${pheno[@]}" -o bed.h5
expect_done "$RIATA" import --bfile "$D/mice_hs" --extract variants "${pheno[@]}" --storage i8 -o i8.h5
expect_done "$RIATA" import gt.vcf.gz "${pheno[@]}" -o gt.h5
expect_text 'copies of ALT \(GT\)' err.txt
expect_done "$RIATA" import "$D/mice_hs_chr19.vcf.gz" --dosage GT "${pheno[@]}" -o given.h5
expect_done "$RIATA" import raw.csv --response CD8 --missing mean -o csv.h5
expect_done "$RIATA" import raw.csv --response CD8 --missing mean --storage f32 -o csv32.h5
expect_done "$RIATA" import "$D/mice_hs_chr19.vcf.gz" "${pheno[@]}" -o hundredths.h5
expect_text 'dosages of ALT \(DS\)' err.txt
expect_done "$RIATA" import "$D/mice_hs_chr19.vcf.gz" "${pheno[@]}" --storage f32 -o f32.h5

options=(--folds 5 --alphas 30 --threads 2 -q)
expect_done "$RIATA" cv --bfile "$D/mice_hs" --extract variants "${pheno[@]}" "${options[@]}" -o out/direct
for route in bed i8 gt given csv csv32 hundredths f32; do
  mean=()
  [[ $route != csv* ]] || mean=(--missing mean)
  expect_done "$RIATA" cv $route.h5 "${mean[@]}" "${options[@]}" -o out/$route
done
for route in bed i8 gt given csv csv32; do
  cmp out/direct.curve.tsv out/$route.curve.tsv || wrong "the curve by $route is not that of the .bed"
done
for route in bed i8 gt given; do
  cmp out/direct.features.tsv out/$route.features.tsv || wrong "features by $route differ"
done
[ "$(wc -l <out/direct.curve.tsv)" -eq 31 ] || wrong "the curve has not 30 points"

# DS has the mean of a site in place of 417 missing calls: in hundredths it is at most 0.005 off.
awk 'FNR == 1 { for (k = 1; k <= NF; k++) if ($k == "mean") at = k; next }
     NR == FNR { mean[FNR] = $at; next }
     { d = $at / mean[FNR] - 1; if (d < 0) d = -d; if (d > most) most = d }
     END { print most; exit !(at && most > 0 && most < 1e-3) }' \
  out/f32.curve.tsv out/hundredths.curve.tsv >most.txt || wrong "hundredths move the curve by $(cat most.txt)"

# What is applied elsewhere counts the same allele.
for data in gt.h5 csv.h5; do
  expect_done "$RIATA" predict out/direct $data -o predicted.tsv
  cut -f1,2 predicted.tsv >there.tsv
  expect_done "$RIATA" predict out/direct bed.h5 -o predicted.tsv
  cut -f1,2 predicted.tsv | cmp - there.tsv || wrong "predictions on $data differ"
done
finish
