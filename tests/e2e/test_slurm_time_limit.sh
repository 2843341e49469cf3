#!/usr/bin/env bash
# Jobs that are not done when their time is over, as Slurm itself measures it: one that Slurm warns some
# seconds before writes what it has, goes back into the queue and on from there; one that is not warned
# and does not end is killed, and resume.sbatch goes on with it. Both end with the bytes of a run left
# alone.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../slurm/lib.sh
. "$RIATA_SOURCE/tests/slurm/lib.sh"
use_faults
start_cluster 1500

export RIATA RESTARTS=3 DATA=$WORK/data.h5
expect_done "$RIATA" simulate -n 200 -p 1000 --support 20 -o data.h5
cv=(--folds 20 --alphas 50 --eps 0.01)
expect_done "$RIATA" cv data.h5 "${cv[@]}" -o out/alone

# Each certified block is written at once, and the fourth one waits for a file, in the first run.
begin() { # begin NAME [SBATCH OPTIONS]...
  local name=$1
  shift
  job=$(OUTPUT=$WORK/out/$name sbatch --parsable --time=1 --mem=300 --nodes=1 --ntasks-per-node=2 \
    --cpus-per-task=1 --output="$WORK/$name.out" "$@" held.sbatch)
}
sed "s|^OPTIONS=.*|OPTIONS=(${cv[*]} --checkpoint-every 0)|
s|^CONTAINER=.*|CONTAINER=(env RIATA_FAULT='hold -1 3' RIATA_HOLD=\$OUTPUT.go)\n\
[ \"\${SLURM_RESTART_COUNT:-0}\" -gt 0 ] \|\| CONTAINER+=(LD_PRELOAD=$faults)|" \
  "$RIATA_SOURCE/slurm/cv.sbatch" >held.sbatch
sed "s|^OPTIONS=.*|OPTIONS=(${cv[*]})|" "$RIATA_SOURCE/slurm/resume.sbatch" >resume.sbatch

begin late --signal=B:CONT@1
late=$job
begin warned --signal=B:USR1@20
warned() { grep -q "^warned by a signal" warned.out 2>/dev/null; }
await 75 warned || wrong 'Slurm does not warn'
touch out/warned.go
completed "$job"
scontrol show job "$job" | grep ' Restarts=1 ' >/dev/null || wrong 'warned: the job was not restarted'
expect_text '^status 85: job [0-9]+ goes back' warned.out
expect_text '^resuming from .*checkpoint: [0-9]+ of' warned.out
cmp out/alone.curve.tsv out/warned.curve.tsv || wrong 'warned: the curve is not that of a run left alone'

await 60 over "$late" || wrong 'Slurm does not end the job'
[ "$(state "$late")" = TIMEOUT ] || wrong "not ended by its time limit, but $(state "$late")"
[ -e out/late.checkpoint/unit-0-000000 ] || wrong 'late: nothing is left to go on from'
job=$(OUTPUT=$WORK/out/late sbatch --parsable --time=2 --mem=300 --ntasks-per-node=1 --cpus-per-task=2 \
  --output="$WORK/resumed.out" resume.sbatch)
completed "$job"
expect_text '^resuming from .*checkpoint: [0-9]+ of' resumed.out
cmp out/alone.curve.tsv out/late.curve.tsv || wrong 'late: the curve is not that of a run left alone'
finish
