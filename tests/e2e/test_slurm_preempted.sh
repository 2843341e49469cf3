#!/usr/bin/env bash
# A job whose place a more urgent one takes, and one that is put back into the queue by hand, go on from
# their checkpoints and end with the curve of a run left alone. When the checkpoint's folder vanishes
# under a job, it says so and ends well.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../slurm/lib.sh
. "$RIATA_SOURCE/tests/slurm/lib.sh"
use_faults
start_cluster 1500

export RIATA RESTARTS=3
expect_done "$RIATA" simulate -n 200 -p 1000 --support 20 -o data.h5
cv=(--folds 20 --alphas 50 --eps 0.01)
# each certified block is written at once, and the fourth one waits for a file
sed "s|^OPTIONS=.*|OPTIONS=(${cv[*]} --checkpoint-every 0)|
s|^CONTAINER=.*|CONTAINER=(env LD_PRELOAD=$faults RIATA_FAULT='hold -1 3' RIATA_HOLD=\$OUTPUT.go)|" \
  "$RIATA_SOURCE/slurm/cv-nodes.sbatch" >long.sbatch
expect_done "$RIATA" cv data.h5 "${cv[@]}" -o out/alone

# begin NAME [SBATCH OPTIONS]...: the job that writes out/NAME, once it has something to go on from.
begin() {
  local name=$1
  shift
  job=$(DATA=$WORK/data.h5 OUTPUT=$WORK/out/$name sbatch --parsable --time=5 --mem=600 \
    --ntasks-per-node=1 --cpus-per-task=1 --output="$WORK/$name.out" "$@" long.sbatch)
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

# Slurm has marked it for an end within the grace time.
warned() { scontrol show job "$job" | grep 'PreemptTime=[0-9]' >/dev/null; }
back() { ! state "$job" | grep RUNNING >/dev/null; }

begin preempted --partition=low
urgent=$(sbatch --parsable --partition=urgent --nodes=2 --exclusive --output=/dev/null --wrap true)
await 60 warned || wrong 'the job is not warned'
touch out/preempted.go
await 60 over "$urgent" || wrong 'the urgent job does not run'
ended preempted
restarted preempted

begin requeued
scontrol requeue "$job"
await 60 back || wrong 'the job is not put back'
touch out/requeued.go
ended requeued
restarted requeued

begin vanished
mv out/vanished.checkpoint out/taken
touch out/vanished.go
ended vanished
expect_text '^riata: warning: .*vanished.checkpoint/unit-.*the run goes on' vanished.out
[ ! -e out/vanished.checkpoint ] || wrong 'a finished run leaves a checkpoint'
finish
