#!/usr/bin/env bash
# PLINK files used as they are give the bytes that importing them first gives, whole and in part,
# on several ranks; lists and phenotypes are matched by sample ID and said; -9 and 1/2 are never
# guessed at.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" simulate --bfile sim -n 203 -p 600 --support 8 --missing-rate 0.01 --maf-min 0.02
same() { cmp -s "$1" "$2" || wrong "$1 and $2 differ"; }
options=(--folds 4 --alphas 30 --threads 1 -q)

# Whole.
expect_done "$RIATA" import --bfile sim -o sim.h5
expect_done "$RIATA" cv sim.h5 "${options[@]}" -o imported
expect_done mpirun -n 2 "$RIATA" cv --bfile sim "${options[@]}" -o direct
same imported.curve.tsv direct.curve.tsv
same imported.features.tsv direct.features.tsv
expect_done "$RIATA" verify direct --bfile sim
expect_done "$RIATA" verify direct sim.h5
expect_done "$RIATA" predict direct --bfile sim -o a.tsv
expect_done "$RIATA" predict imported sim.h5 -o b.tsv
same a.tsv b.tsv
expect_done "$RIATA" info --bfile sim
expect_text '^shape +203 samples x 600 features' out.txt
expect_done "$RIATA" fit --bfile sim --alpha 0.1 -q
[ -f sim.fit.h5 ] || wrong 'the default prefix is not the name of the files'

# In part: the same from every order of selecting and importing.
awk 'NR % 3 { print $1, $2 }' sim.fam >keep
awk 'NR % 4 == 1 { print $2 }' sim.bim >drop
printf 'nobody nowhere\n' >>keep
part=(--keep keep --exclude drop --maf 0.1 --geno 0.02)
expect_done "$RIATA" import --bfile sim "${part[@]}" -o part.h5
expect_text '^--keep: 136 of 137 samples of the list are there; 67 samples dropped$' err.txt
expect_text '^--exclude: 150 of 150 features' err.txt
expect_text '^--maf: [0-9]+ features dropped$' err.txt
expect_done "$RIATA" cv part.h5 "${options[@]}" -o early
expect_done mpirun -n 2 "$RIATA" cv --bfile sim "${part[@]}" "${options[@]}" -o part.direct
expect_done "$RIATA" cv sim.h5 "${part[@]}" "${options[@]}" -o part.late
for name in part.direct part.late; do
  same early.curve.tsv $name.curve.tsv
  same early.features.tsv $name.features.tsv
done
expect_done "$RIATA" verify early --bfile sim "${part[@]}"
expect_error 1 'is not the dataset|samples and' "$RIATA" verify early --bfile sim

# Phenotypes for any dataset, in any order of lines.
awk 'BEGIN { print "#FID IID other trait" }
  { line[NR] = $1 " " $2 " 7 " (NR == 5 ? -9 : NR == 6 ? "NA" : $6 + 1) }
  END { for (i = NR; i > 1; i--) print line[i]; print "x y 1 1" }' sim.fam >pheno
take=(--pheno pheno --pheno-name trait)
expect_done "$RIATA" cv --bfile sim "${take[@]}" "${options[@]}" -o trait
expect_text '1 responses of pheno are -9 and were read as that value; --missing-phenotype -9' err.txt
expect_done "$RIATA" cv sim.h5 "${take[@]}" --folds 4 --alphas 30 -o trait.h5py
same trait.curve.tsv trait.h5py.curve.tsv
expect_text '^1 samples have no line in pheno' err.txt
expect_text '^1 lines of pheno have no sample' err.txt
expect_done "$RIATA" verify trait --bfile sim --pheno pheno
expect_error 1 'trait' "$RIATA" verify trait --bfile sim
expect_done "$RIATA" cv sim.h5 "${take[@]}" --missing-phenotype -9 "${options[@]}" -o without
! cmp -s trait.curve.tsv without.curve.tsv || wrong '-9 counted although it was said to be missing'

# IDs of another file, and the trap of 1 and 2.
awk 'NR > 1 { $1 = "z" $1; $2 = "z" $2 } 1' pheno >foreign
expect_error 1 'none of its samples' "$RIATA" cv sim.h5 --pheno foreign -o bad
expect_error 1 'none of its .* samples' "$RIATA" cv --bfile sim --keep foreign -o bad
awk 'BEGIN { print "#FID IID case" } { print $1, $2, ($6 > 0 ? 2 : 1) }' sim.fam >coded
expect_done "$RIATA" cv --bfile sim --pheno coded "${options[@]}" -o numbers
expect_text 'no values but 1 and 2 .*--binary-coding' err.txt
expect_done "$RIATA" cv --bfile sim --pheno coded --binary-coding --folds 4 --alphas 30 -o cases
expect_text '^--binary-coding: [0-9]+ cases \(1\) and [0-9]+ controls' err.txt
expect_error 1 'binary-coding.*quantitative' "$RIATA" cv --bfile sim --binary-coding -o bad

# Wrong use.
expect_error 1 'either sim\.h5 or --bfile sim' "$RIATA" cv sim.h5 --bfile sim -o bad
expect_error 1 'DATA is needed, or --bfile' "$RIATA" cv -o bad
expect_error 1 'pheno-name' "$RIATA" cv --bfile sim --response y -o bad
expect_error 1 '--chr' "$RIATA" cv --bfile sim --chr Q -o bad
expect_error 1 'absent\.fam' "$RIATA" cv --bfile absent -o bad
[ -z "$(find . -name 'bad*')" ] || wrong 'a failed run left files'
finish
