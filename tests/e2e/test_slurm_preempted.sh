#!/usr/bin/env bash
# A job whose place a more urgent one takes, and one that is put back into the queue by hand, go on from
# their checkpoints and end with the curve of a run left alone. When the checkpoint's folder vanishes
# under a job, it says so and ends well.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../slurm/lib.sh
. "$RIATA_SOURCE/tests/slurm/lib.sh"
start_cluster 1500

export RIATA RESTARTS=3
expect_done "$RIATA" simulate -n 300 -p 4000 --support 40 --storage f32 -o data.h5
# long enough for what is done to it; each certified block is written at once
sed 's/^OPTIONS=.*/OPTIONS=(--folds 40 --alphas 50 --eps 0.005 --checkpoint-every 0)/' \
  "$RIATA_SOURCE/slurm/cv-nodes.sbatch" >long.sbatch
expect_done "$RIATA" cv data.h5 --folds 40 --alphas 50 --eps 0.005 -o out/alone

# begin NAME [SBATCH OPTIONS]...: the job that writes out/NAME, once it has something to go on from.
begin() {
  local name=$1
  shift
  job=$(DATA=$WORK/data.h5 OUTPUT=$WORK/out/$name sbatch --parsable --time=5 --mem=600 --ntasks-per-node=1 --cpus-per-task=1 \
    --output="$WORK/$name.out" "$@" long.sbatch)
  await 60 [ -e "out/$name.checkpoint/unit-0-000000" ] || wrong "$name: nothing is written"
}
# ended NAME: well, and with the right curve.
ended() {
  completed "$job"
  cmp out/alone.curve.tsv "out/$1.curve.tsv" || wrong "$1: the curve is not that of a run left alone"
}
restarted() {
  scontrol show job "$job" | grep 'Restarts=[1-9]' >/dev/null || wrong "$1: the job was not restarted"
  expect_text '^resuming from .*checkpoint: [0-9]+ of' "$1.out"
}

begin preempted --partition=low
urgent=$(sbatch --parsable --partition=urgent --nodes=2 --exclusive --output=/dev/null --wrap true)
await 60 over "$urgent" || wrong 'the urgent job does not run'
ended preempted
restarted preempted

begin requeued
scontrol requeue "$job"
sleep 1
ended requeued
restarted requeued

begin vanished
mv out/vanished.checkpoint out/taken
ended vanished
expect_text '^riata: warning: .*vanished.checkpoint/unit-.*the run goes on' vanished.out
[ ! -e out/vanished.checkpoint ] || wrong 'a finished run leaves a checkpoint'
finish
