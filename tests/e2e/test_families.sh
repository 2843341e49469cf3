#!/usr/bin/env bash
# Classes and counts from the command line: labels of any spelling, which class is modelled, rare
# classes and folds of one class said in words, the metric that chooses, predictions, wrong input in
# one sentence, and the same bytes for any number of ranks and threads.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
export OMPI_MCA_mpi_yield_when_idle=1

# table FILE KIND: 80 samples, 25 features, a response that follows the first three.
table() {
  awk -v kind="$2" 'BEGIN {
    srand(7); OFS = ","
    printf "id,y"; for (j = 1; j <= 25; j++) printf ",g%d", j; print ""
    for (i = 1; i <= 80; i++) {
      row = ""; eta = 0
      for (j = 1; j <= 25; j++) {
        x = int(2000 * (rand() + rand() + rand() - 1.5)) / 1000
        row = row "," x
        eta += j == 1 ? 1.5 * x : j == 2 ? -x : j == 3 ? 0.8 * x : 0
      }
      one = eta + 2 * (rand() - 0.5) > 0
      if (kind == "text") y = i == 9 ? "NA" : one ? "case" : "control"
      if (kind == "numbers") y = one ? 7 : 3
      if (kind == "rare") y = i % 20 == 0 ? "yes" : "no"
      if (kind == "sorted") y = i <= 40 ? "a" : "b"
      if (kind == "three") y = i % 3 == 0 ? "red" : i % 3 == 1 ? "green" : "blue"
      if (kind == "one") y = "same"
      if (kind == "counts") y = int(exp(0.6 * eta + 1) + rand())
      if (kind == "negative") y = i == 5 ? -1 : i
      print "s" i, y row
    }
  }' >"$1"
}
for kind in text numbers rare sorted three one counts negative; do
  table "$kind.csv" "$kind"
  expect_done "$RIATA" import "$kind.csv" --response y -o "$kind.h5"
done

# Text.
expect_done "$RIATA" info text.h5
expect_text 'response +y: text, 1 missing; case [0-9]+, control [0-9]+; two classes' out.txt
expect_done "$RIATA" cv text.h5 --family binomial --folds 5 -o out/text
expect_text "positive class is 'control' \([0-9]+ samples\), the other 'case'" err.txt
expect_text '5 folds \(stratified\)' err.txt
expect_text "probability of 'control' against 'case'" out.txt
expect_text 'deviance [0-9.]+ \+- ' out.txt
expect_text '"metric": "deviance"' out/text.json
expect_text 'deviance.deviance_se.class.class_se.auc.auc_se.fold_0' out/text.curve.tsv
expect_text '^g1.-' out/text.features.tsv
grep -q 'deviance' out/text.curve.svg out/text.curve.gp 2>/dev/null || wrong 'the picture names no deviance'
expect_done "$RIATA" verify out/text text.h5
expect_done "$RIATA" report out/text.h5 -o again/text
cmp -s out/text.curve.tsv again/text.curve.tsv || wrong 'a report has another curve'

# The other class, by name: the mirror image.
expect_done "$RIATA" cv text.h5 --family binomial --folds 5 --positive-class case --metric auc \
  -o out/case
expect_text "positive class is 'case'" err.txt
expect_text 'AUC 0\.[0-9]+ \+- ' out.txt
expect_text '^g1.[0-9]' out/case.features.tsv
expect_done "$RIATA" verify out/case text.h5

# Predictions.
expect_done "$RIATA" predict out/case.h5 text.h5 -o predictions.tsv
expect_text '79 responses are known: deviance .*misclassified, AUC 0.9' err.txt
[ "$(head -n 1 predictions.tsv)" = "$(printf 'sample\tprobability\tlinear_predictor\tclass\tobserved')" ] ||
  wrong "the columns are $(head -n 1 predictions.tsv)"
awk -F '\t' 'NR > 1 {
  p = 1 / (1 + exp(-$3)); d = p - $2
  if (d * d > 1e-24 || ($4 == "case") != ($2 > 0.5) || ($5 != "case" && $5 != "control" && $5 != "NA")) bad++
  same += $4 == $5
} END { exit bad > 0 || same < 60 }' predictions.tsv || wrong 'probability, predictor and class disagree'
expect_done "$RIATA" predict out/case.h5 numbers.h5 -o other.tsv
expect_text "has the class '[37]', which the result does not know" err.txt

# Numbers as names; weights of classes.
expect_done "$RIATA" cv numbers.h5 --family binomial --folds 5 --class-weight 3=2 -o out/numbers
expect_text "positive class is '7'.*the other '3'" err.txt
expect_text "2 for '3', 1 for '7'" err.txt
expect_done "$RIATA" verify out/numbers numbers.h5

# Rare classes, folds of one class.
expect_done "$RIATA" cv rare.h5 --family binomial --folds 4 --class-weight balanced -o out/rare
expect_text "unbalanced: 5.0 % of the samples are 'yes'.*--class-weight balanced" err.txt
expect_text "0.526316 for 'no', 10 for 'yes'" err.txt
expect_done "$RIATA" verify out/rare rare.h5
expect_done "$RIATA" cv sorted.h5 --family binomial --folds 8 --fold-scheme contiguous -o out/sorted
expect_text '8 folds are of samples of one class only, the first is 0: the AUC' err.txt
expect_done "$RIATA" verify out/sorted sorted.h5
expect_error 1 "without fold 0 no sample of class 'a' is left" \
  "$RIATA" cv sorted.h5 --family binomial --folds 2 --fold-scheme contiguous -o out/no

# Counts.
expect_done "$RIATA" cv counts.h5 --family poisson --folds 5 -o out/counts
expect_text 'poisson: counts' out.txt
expect_done "$RIATA" verify out/counts counts.h5
expect_done "$RIATA" predict out/counts.h5 counts.h5
expect_text '^sample.prediction.linear_predictor.observed' out.txt

# Ridge.
expect_done "$RIATA" cv text.h5 --family binomial --l1-ratio 0 --folds 4 --alphas 10 -o out/ridge
expect_done "$RIATA" verify out/ridge text.h5

# Wrong input.
expect_error 1 "more than two values \('blue', 'green', 'red'" \
  "$RIATA" cv three.h5 --family binomial -o out/no
expect_error 1 "all samples with the response 'y' are of class 'same'|constant" \
  "$RIATA" cv one.h5 --family binomial -o out/no
expect_error 1 "response 'y' is text \('case'" "$RIATA" cv text.h5 -o out/no
expect_error 1 "response 'y' is text \('case'" "$RIATA" cv text.h5 --family poisson -o out/no
expect_error 1 "'s5' is -1; --family poisson is for counts" \
  "$RIATA" cv negative.h5 --family poisson -o out/no
expect_error 1 "positive-class: 'x' is no class" \
  "$RIATA" cv text.h5 --family binomial --positive-class x -o out/no
expect_error 1 'positive-class needs --family binomial' "$RIATA" cv counts.h5 --positive-class x -o out/no
for weights in case case=x other=2 case=0; do
  expect_error 1 "class-weight: '$weights' is not 'balanced'" \
    "$RIATA" cv text.h5 --family binomial --class-weight "$weights" -o out/no
done
expect_error 1 'metric auc does not go with --family poisson' \
  "$RIATA" cv counts.h5 --family poisson --metric auc -o out/no
[ ! -e out/no.h5 ] || wrong 'wrong input left a result'
printf 'id,y,a\n1,case,1\n2,3,2\n' >mixed.csv
expect_error 1 "line 2.*'case' is not a number" "$RIATA" import mixed.csv --response y -o no.h5

# Any number of ranks and threads.
same() {
  cmp -s "$1.curve.tsv" "$2.curve.tsv" || wrong "$2.curve.tsv differs from $1.curve.tsv"
  cmp -s "$1.features.tsv" "$2.features.tsv" || wrong "$2.features.tsv differs from $1"
  command -v h5diff >/dev/null || return 0
  h5diff "$1.h5" "$2.h5" /result >difference.txt || wrong "/result of $2 differs from that of $1"
}
layouts() { # NAME DATASET OPTIONS...
  local name=$1 data=$2 ranks threads
  shift 2
  expect_done "$RIATA" cv "$data" --threads 1 --folds 4 --alphas 30 -o "out/$name" "$@"
  for ranks in 1 2 3 5; do
    threads=$((1 + ranks % 2))
    expect_done mpirun -n "$ranks" "$RIATA" cv "$data" --threads "$threads" --folds 4 --alphas 30 \
      -o "out/$name.$ranks" "$@"
    same "out/$name" "out/$name.$ranks"
  done
}
layouts ranks text.h5 --family binomial --l1-ratio 0.5,1 --alpha-blocks 2
layouts stopped text.h5 --family binomial --metric auc --early-stop --patience 3
for simd in plain avx2; do
  RIATA_SIMD=$simd run "$RIATA" cv text.h5 --family binomial --metric auc --early-stop --patience 3 \
    --folds 4 --alphas 30 -o "out/$simd"
  [ "$status" -ne 0 ] || same out/stopped "out/$simd"
done
finish
