#!/usr/bin/env bash
# The answer is a function of data and options: the same bytes in curve, features and /result for
# any number of ranks and threads, every instruction set, either engine, blocks of alphas or not.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
export OMPI_MCA_mpi_yield_when_idle=1

# same NAME OTHER: what two runs wrote.
same() {
  cmp -s "$1.curve.tsv" "$2.curve.tsv" || wrong "$2.curve.tsv differs from $1.curve.tsv"
  cmp -s "$1.features.tsv" "$2.features.tsv" || wrong "$2.features.tsv differs from $1"
  h5diff "$1.h5" "$2.h5" /result >difference.txt || {
    wrong "/result of $2 differs from that of $1"
    head -n 5 difference.txt
  }
}

expect_done "$RIATA" simulate -n 90 -p 700 --support 15 --rho 0.8 -o gaussian.h5
expect_done "$RIATA" simulate -n 110 -p 500 --support 15 --kind genotype --missing-rate 0.01 \
  -o genotype.h5

# compare DATASET NAME OPTIONS...: all layouts of the machine against one rank with one thread.
compare() {
  local data=$1 name=$2 ranks threads
  shift 2
  expect_done "$RIATA" cv "$data" --folds 4 --threads 1 -o "out/$name" "$@"
  for ranks in 1 2 3 5; do
    for threads in 1 2; do
      expect_done mpirun -n "$ranks" "$RIATA" cv "$data" --folds 4 --threads "$threads" \
        -o "out/$name.$ranks.$threads" "$@"
      same "out/$name" "out/$name.$ranks.$threads"
    done
  done
}

compare gaussian.h5 lasso
compare genotype.h5 genotype
compare gaussian.h5 shooting --solver shooting --tol 1e-3 --alphas 30
compare gaussian.h5 stopped --early-stop --patience 5
compare genotype.h5 mixed --l1-ratio 0.5,1 --alphas 20 --alpha-blocks 3

for simd in plain avx2 avx512; do
  RIATA_SIMD=$simd run "$RIATA" cv gaussian.h5 --folds 4 --threads 2 -o "out/$simd"
  if grep -q 'processor or build does not have it' err.txt; then
    printf '%s: not on this processor\n' "$simd"
  elif [ "$status" -eq 0 ]; then
    same out/lasso "out/$simd"
  else
    wrong "exit status $status with RIATA_SIMD=$simd"
  fi
done
finish
