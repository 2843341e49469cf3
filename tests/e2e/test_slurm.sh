#!/usr/bin/env bash
# slurm/cv.sbatch does the main job: run as the batch shell would, and, where a Slurm answers,
# submitted to it. The curve is that of the same run without Slurm; USR1 ends it with status 85.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" simulate -n 80 -p 300 --support 5 -o data.h5
expect_done "$RIATA" cv data.h5 --folds 10 --seed 1 --threads 1 -o out/plain
expect_done env DATA=data.h5 OUTPUT=out/shell SLURM_CPUS_PER_TASK=1 \
  bash "$RIATA_SOURCE/slurm/cv.sbatch"
cmp -s out/plain.curve.tsv out/shell.curve.tsv || wrong 'the curve of the job file differs'

# A run long enough to be stopped.
expect_done "$RIATA" simulate -n 400 -p 20000 --support 60 -o long.h5
DATA=long.h5 OUTPUT=out/stopped SLURM_CPUS_PER_TASK=1 \
  bash "$RIATA_SOURCE/slurm/cv.sbatch" >job.txt 2>&1 &
job=$!
sleep 1.5
kill -USR1 "$job"
status=0
wait "$job" || status=$?
if [ "$status" -eq 0 ]; then
  printf 'the run was over before the signal\n'
elif [ "$status" -ne 85 ]; then
  wrong "exit status $status, not 85, after USR1"
  cat job.txt
elif ls out/stopped* >/dev/null 2>&1; then
  wrong 'a stopped run left something behind'
fi

if command -v sbatch >/dev/null && timeout 10 sinfo >/dev/null 2>&1; then
  expect_done env DATA=data.h5 OUTPUT="$PWD/out/slurm" sbatch --wait --time=5 \
    "$RIATA_SOURCE/slurm/cv.sbatch"
  cmp -s out/plain.curve.tsv out/slurm.curve.tsv || wrong 'the curve of the Slurm job differs'
else
  printf 'no Slurm answers here: not submitted\n'
fi
finish
