#!/usr/bin/env bash
# A job that is killed for want of memory says so, says what to raise, and does not go back into the
# queue to be killed again: at once where the node counts such kills or srun tells of them, else when a
# rank is killed twice in a row; one kill alone may have had another reason.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../slurm/lib.sh
. "$RIATA_SOURCE/tests/slurm/lib.sh"
start_cluster 1500 limited

export RIATA DATA=$WORK/data.h5 RESTARTS=3
expect_done "$RIATA" simulate -n 200 -p 1000 --support 10 -o data.h5
expect_done "$RIATA" cv data.h5 --folds 10 --seed 1 --threads 1 -o out/alone
said='^killed, it seems for want of memory: raise --mem \(now 300 MB a node\) or bound riata by --memory; '

# edited NAME COMMAND: cv.sbatch that runs riata by that command
edited() {
  sed "s|^CONTAINER=.*|CONTAINER=($2)|" "$RIATA_SOURCE/slurm/cv.sbatch" >"$1.sbatch"
  job=$(OUTPUT=$WORK/out/$1 sbatch --parsable --time=5 --mem=300 --cpus-per-task=1 \
    --output="$WORK/$1.out" "$1.sbatch")
  jobs+=("$job")
}
# ended NAME RESTARTS: killed, said once, after so many restarts
ended() {
  await 120 over "$job" || wrong "$1: job $job is not over"
  scontrol show job "$job" | grep " Restarts=$2 " >/dev/null || wrong "$1: not $2 restarts"
  [ "$(grep -cE "$said" "$1.out")" -eq 1 ] || { wrong "$1: no single sentence" && sed 's/^/    /' "$1.out"; }
}
jobs=()

# the second rank of two is killed, once or always
cat >second <<'END'
#!/usr/bin/env bash
if [ "$2" != --version ] && [ "${OMPI_COMM_WORLD_RANK:-$SLURM_PROCID}" = 1 ] &&
  [ "${SLURM_RESTART_COUNT:-0}" -lt "$KILLS" ]; then
  kill -KILL $$
fi
exec "$@"
END
chmod +x second
# back NAME JOB: killed once, it came back and ended well
back() {
  completed "$2"
  scontrol show job "$2" | grep ' Restarts=1 ' >/dev/null || wrong "$1: not one restart"
  cmp out/alone.curve.tsv "out/$1.curve.tsv" || wrong "$1: another curve"
  ! grep 'for want of memory' "$1.out" || wrong "$1: one kill is taken for want of memory"
}
KILLS=1 edited once "$WORK/second"
KILLS=1 LAUNCH=srun edited lost "$WORK/second"
KILLS=9 edited twice "$WORK/second"
ended twice 1
back once "${jobs[0]}"
back lost "${jobs[1]}" # srun alone would wait for the other rank for ever

# shellcheck disable=SC2154 # from the cluster
if [ -z "$limited" ]; then
  printf 'control groups of memory are not allowed here: only kills without them are tested\n'
  finish
fi

# a rank that takes more than there is
cat >greedy <<'END'
#!/usr/bin/env bash
if [ "$2" != --version ] && [ "${OMPI_COMM_WORLD_RANK:-$SLURM_PROCID}" = 1 ]; then
  exec tail /dev/zero
fi
exec "$@"
END
chmod +x greedy
for LAUNCH in mpirun srun; do
  export LAUNCH
  edited "$LAUNCH" "$WORK/greedy"
  ended "$LAUNCH" 0
  expect_text ' oom-kill event' "$LAUNCH.out"
done
finish
