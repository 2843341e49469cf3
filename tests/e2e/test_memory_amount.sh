#!/usr/bin/env bash
# Too little --memory is refused before X is read, with an amount that is enough: within it the run ends
# with the result of a run left alone, and all ranks of the node together stay below it. It is the
# smaller of what X in memory and X left in its file take. Libraries are copies that no other
# program uses, so that all of their pages count.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
! sanitizers >/dev/null || skip 'a sanitizer takes memory of its own'
mkdir libraries
ldd "$RIATA" | awk '$3 ~ "^/" { print $3 }' | xargs cp -L -t libraries
export LD_LIBRARY_PATH=$WORK/libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# enough WHERE RANKS THREADS ARGUMENTS...: cv is refused, the amount then does; WHERE X is said to be.
enough() {
  local where=$1 ranks=$2 threads=$3 least
  shift 3
  expect_done "$RIATA" cv "$@" --threads 2 -o out/free
  expect_error 1 "memory 1M is too little: with X \([0-9]+ MB\) $where and one fit at a time" \
    mpirun -n "$ranks" "$RIATA" cv "$@" --threads "$threads" --memory 1M -o out/none
  ! grep -q ' X: ' err.txt || wrong "$*: refused when X was read"
  least=$(sed -nE 's/.* needs? about ([0-9]+) MB.*/\1/p' err.txt)
  expect_error 1 "is too little" \
    mpirun -n "$ranks" "$RIATA" cv "$@" --threads "$threads" --memory "$((least - 2))M" -o out/none
  expect_done mpirun -n "$ranks" "$RIATA" cv "$@" --threads "$threads" --memory "${least}M" -o out/tight
  expect_within "$least" "$ranks x $threads: $*"
}

grid=(--folds 4 --alphas 25 --eps 0.1)
simulate() { expect_done "$RIATA" simulate "$@"; }
simulate -n 200 -p 8000 --support 10 -o small.h5
enough 'left in the file' 2 1 small.h5 "${grid[@]}"
# What all fits leave; windows that fail, where alphas are far apart.
enough 'left in the file' 1 1 small.h5 --folds loo --alphas 12 --eps 0.2
simulate -n 100 -p 40000 --support 10 --seed 1 -o loo.h5
enough 'left in the file' 1 2 loo.h5 --folds 3 --alphas 30
simulate -n 300 -p 40000 --storage f32 --support 10 -o wide.h5
enough 'left in the file' 1 2 wide.h5 "${grid[@]}"
simulate -n 400 -p 40000 --missing-rate 0.01 --support 10 --bfile genes
enough 'left in the file' 3 1 --bfile genes "${grid[@]}"
simulate -n 3000 -p 30000 --density 0.09 --support 10 -o counts.h5
enough 'in memory, being sparse,' 1 1 counts.h5 "${grid[@]}"
enough 'in memory, being sparse,' 2 1 counts.h5 "${grid[@]}"
simulate -n 100 -p 20000 --support 10 -o few.h5
enough 'in memory for --relax' 2 1 few.h5 "${grid[@]}" --relax
enough 'in memory for --adaptive' 1 2 few.h5 "${grid[@]}" --adaptive lasso
enough 'in memory for --replicates' 1 1 few.h5 "${grid[@]}" --replicates 2
simulate -n 12000 -p 200 --support 10 -o tall.h5
enough 'in memory' 2 1 tall.h5 "${grid[@]}"
# Records are kept of a path for each first alpha, with predictions of all samples.
enough 'in memory for --adaptive' 1 1 tall.h5 "${grid[@]}" --adaptive lasso
simulate -n 300 -p 20000 --kind genotype --storage packed2 --support 10 -o packed.h5
enough 'in memory for --adaptive' 2 1 packed.h5 "${grid[@]}" --adaptive lasso

# --stream rules memory out; what needs X in memory rules --stream out, before anything is read.
expect_error 1 'left in the file' "$RIATA" cv small.h5 --memory 1M --stream -o out/none
for option in --relax '--adaptive lasso' '--replicates 2'; do
  # shellcheck disable=SC2086 # words
  expect_error 1 "${option% *} needs X in memory; give no --stream" \
    "$RIATA" cv few.h5 $option --stream -o out/none
done
expect_error 1 'is sparse, .* give no --stream' "$RIATA" cv counts.h5 --stream -o out/none
# What is free, where nothing is said: no run that is refused at its end.
for option in --relax '--replicates 2'; do
  # shellcheck disable=SC2086
  expect_error 3 'not enough memory' \
    env SLURM_MEM_PER_NODE=30 "$RIATA" cv few.h5 "${grid[@]}" $option -o out/none
  ! grep -q 'points' err.txt || wrong "$option: refused when the run was over"
done
finish
