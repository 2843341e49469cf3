#!/usr/bin/env bash
# A node that dies under a job, as without power, costs what was in hand and no more: the job goes
# back into the queue and on from its checkpoint, by Slurm's doing where the node had the batch
# shell, by the job file's where it was another one; and its curve is that of a run left alone.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../slurm/lib.sh
. "$RIATA_SOURCE/tests/slurm/lib.sh"
start_cluster 1500

export RIATA
export DATA=$WORK/data.h5 RESTARTS=3
expect_done "$RIATA" simulate -n 600 -p 60000 --support 60 --storage f32 -o data.h5
expect_done "$RIATA" cv data.h5 --folds 10 --seed 1 -o out/alone

nodes_of() { scontrol show hostnames "$(scontrol show job "$job" | sed -n 's/^ *NodeList=//p')"; }
all_idle() { [ "$(sinfo -h -N -p test -o %T | grep -cx idle)" -eq 2 ]; }
saved() { [ -n "$(find "out/$1.checkpoint" -name 'unit-*' 2>/dev/null | head -n 1)" ]; }

# lose NAME NODE: the node fails once the job has something to go on from.
lose() {
  await 100 saved "$1" || wrong "$1: nothing is written"
  state "$job" | grep -x RUNNING >/dev/null || wrong "$1: the job was over before its node failed"
  "$cluster" fail "$testbed" "$2"
}

# resumed NAME FILE: it came through, once more, from what it had.
resumed() {
  completed "$job"
  scontrol show job "$job" | grep 'Restarts=[1-9]' >/dev/null || wrong "$1: the job was not restarted"
  expect_text '^resuming' "$2"
  cmp out/alone.curve.tsv "out/$1.curve.tsv" || wrong "$1: the curve is not that of a run left alone"
  cmp out/alone.features.tsv "out/$1.features.tsv" || wrong "$1: other features"
}

# The node of the batch shell: Slurm notices after a while, and another node takes over.
OUTPUT=$WORK/out/batch submit cv
await 60 saved batch || true
lost=$(nodes_of)
lose batch "$lost"
resumed batch "riata-cv-$job.out"
[ "$(nodes_of)" != "$lost" ] || wrong "the job came back on $lost, which is dead"
"$cluster" repair "$testbed" "$lost"
await 60 all_idle || wrong "$lost does not come back"

# Of two nodes the other one: the launcher notices, and the job waits until the node is back.
OUTPUT=$WORK/out/other submit cv-nodes
await 60 saved other || true
lost=$(nodes_of | tail -n 1)
lose other "$lost"
sleep 2
"$cluster" repair "$testbed" "$lost"
resumed other "riata-cv-$job.out"
expect_text 'goes back into the queue' "riata-cv-$job.out"
finish
