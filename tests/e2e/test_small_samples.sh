#!/usr/bin/env bash
# What few samples ask for: leave-one-out shares its passes over X and takes less memory when told
# to; hardly a window fails for a column that comes far by chance; --refine adds alphas around the
# minimum and changes none of the others; folds that are too small, and a curve that is flat within
# its error, are said.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"

# same NAME OTHER: what two runs wrote.
same() {
  cmp -s "$1.curve.tsv" "$2.curve.tsv" || wrong "$2.curve.tsv differs from $1.curve.tsv"
  h5diff "$1.h5" "$2.h5" /result >difference.txt || wrong "/result of $2 differs from that of $1"
}

passes() { sed -n 's/.*"passes_over_x": \([0-9.]*\).*/\1/p' "$1.json"; }

expect_done "$RIATA" simulate -n 60 -p 900 --support 8 -o data.h5
expect_done "$RIATA" cv data.h5 --folds 10 -o ten
expect_done "$RIATA" cv data.h5 --folds loo --threads 1 -o loo
expect_text 'leave-one-out' out.txt
! grep -q 'holds out only' out.txt || wrong 'leave-one-out is warned of'
awk -v loo="$(passes loo)" -v ten="$(passes ten)" 'BEGIN { exit !(loo < 2 * ten) }' ||
  wrong "60 folds read X $(passes loo) times, 10 folds $(passes ten) times"
expect_done "$RIATA" verify loo data.h5
# 30 alphas are six windows.
expect_done "$RIATA" simulate -n 60 -p 4000 -o sixty.h5
expect_done "$RIATA" cv sixty.h5 --folds 5 --alphas 30 -o chance
awk -v passes="$(passes chance)" 'BEGIN { exit !(passes < 11) }' ||
  wrong "5 folds over 60 samples read X $(passes chance) times"
# One sample a fold, whoever deals them.
expect_done "$RIATA" cv data.h5 --folds 60 --fold-scheme modulo -o modulo
cmp loo.curve.tsv modulo.curve.tsv || wrong '--folds loo is not --folds n'
expect_done "$RIATA" simulate -n 40 -p 40000 --support 5 -o wide.h5
wide=("$RIATA" cv wide.h5 --folds loo --threads 2 --alphas 6 --eps 0.3)
expect_done "${wide[@]}" -o free
run "${wide[@]}" --memory 9M -o tight
least=$(sed -n 's/.* about \([0-9]*\) MB.*/\1/p' err.txt)
expect_done "${wide[@]}" --memory "${least}M" -o tight
same free tight
awk -v free="$(passes free)" -v tight="$(passes tight)" 'BEGIN { exit !(tight > 1.5 * free) }' ||
  wrong "--memory: $(passes tight) passes over X in batches, $(passes free) without"

expect_done "$RIATA" cv data.h5 --folds 6 --l1-ratio 0.5,1 --alphas 30 -o coarse
expect_done "$RIATA" cv data.h5 --folds 6 --l1-ratio 0.5,1 --alphas 30 --refine 11 --threads 1 -o finer
[ "$(wc -l <finer.curve.tsv)" -eq 83 ] || wrong 'not 30 + 11 alphas of each l1_ratio'
while IFS= read -r line; do
  grep -qxF -- "$line" finer.curve.tsv || wrong "--refine changed this point: $line"
done <coarse.curve.tsv
expect_done "$RIATA" verify finer data.h5
for layout in '1 2' '2 1' '3 2' '5 1'; do
  read -r ranks threads <<<"$layout"
  expect_done mpirun -n "$ranks" "$RIATA" cv data.h5 --folds 6 --l1-ratio 0.5,1 --alphas 30 \
    --refine 11 --threads "$threads" -o "finer.$ranks"
  same finer "finer.$ranks"
done
expect_done "$RIATA" cv data.h5 --folds 6 --alphas 30 --refine 10 --early-stop --patience 3 -o both
expect_done "$RIATA" verify both data.h5

expect_done "$RIATA" cv data.h5 --folds 20 --alphas 5 -o twenty
expect_text 'warning: a fold holds out only 3 samples: .*12 folds or fewer' err.txt
expect_text '^Note +a fold holds out only 3' out.txt
expect_done "$RIATA" simulate -n 24 -p 50 --support 3 -o few.h5
expect_done "$RIATA" cv few.h5 --folds 4 --alphas 5 -o out.few
expect_text 'warning: a fold leaves only 18 samples to train on' err.txt
expect_done "$RIATA" simulate -n 60 -p 30 --support 1 --snr 0.02 --seed 3 -o noise.h5
expect_done "$RIATA" cv noise.h5 --folds 5 -o out.noise
expect_text '^Note +the error curve is flat within its error' out.txt

expect_error 1 "refine: '1' is not allowed; give a whole number, at least 2" \
  "$RIATA" cv data.h5 --refine 1
expect_error 1 "unknown option '--refine'" "$RIATA" path data.h5 --refine 5
expect_error 1 "folds: 'lool' is not allowed; give a whole number, at least 2, or loo" \
  "$RIATA" cv data.h5 --folds lool
expect_error 1 'loo holds out one sample at a time: it has no use for --fold-scheme' \
  "$RIATA" cv data.h5 --folds loo --fold-scheme stratified
expect_error 1 'repeats 2: leave-one-out is the same every time' \
  "$RIATA" cv data.h5 --folds loo --repeats 2
printf 'sample\tfold\n' >folds.tsv
for i in $(seq 60); do printf 's%d\t%d\n' "$i" $((i % 3)); done >>folds.tsv
expect_error 1 'loo makes its own folds and cannot use folds.tsv' \
  "$RIATA" cv data.h5 --folds loo --fold-file folds.tsv
finish
