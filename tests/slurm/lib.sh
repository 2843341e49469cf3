# shellcheck shell=bash
# What the tests on a simulated Slurm share. To be sourced after tests/e2e/lib.sh.
: "${failures:?}" "${WORK:?}"
cluster=$RIATA_SOURCE/tests/slurm/cluster

# start_cluster MB [limited]: two nodes of 4 CPUs, gone with the test; skips where Slurm cannot work.
# They have as many real cores as this machine, and job files bind two threads to two.
start_cluster() {
  [ "$(nproc)" -ge 2 ] || skip 'two cores are needed'
  testbed=$(mktemp -d /tmp/riata-slurm.XXXXXX)
  trap '"$cluster" stop "$testbed"; rm -rf "$WORK" "$testbed"' EXIT
  status=0
  "$cluster" start "$testbed" 2 4 "$@" >start.txt 2>&1 || status=$?
  if [ "$status" -eq 77 ]; then
    cat start.txt
    [ "$failures" -eq 0 ] && exit 77
    finish
  fi
  [ "$status" -eq 0 ] || { cat start.txt && exit 1; }
  # shellcheck disable=SC1091 # written by the cluster
  . "$testbed/env"
}

# submit NAME [SBATCH OPTIONS]...: the job's number in $job. Settings come from the environment, files
# from slurm/, or from $job_files.
submit() {
  local name=$1
  shift
  # shellcheck disable=SC2034 # for the test
  job=$(sbatch --parsable --time=5 --mem=600 --output="$WORK/%x-%j.out" "$@" \
    "${job_files:-$RIATA_SOURCE/slurm}/$name.sbatch")
}

state() { scontrol show job "$1" | grep -o 'JobState=[A-Z_]*' | cut -d= -f2; }
over() { ! state "$1" | grep -E 'PENDING|RUNNING|COMPLETING|CONFIGURING|SUSPENDED|REQUEUED' >/dev/null; }

# await SECONDS COMMAND...
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# completed JOB...
completed() {
  local one
  for one in "$@"; do
    await 120 over "$one" || wrong "job $one is not over"
    state "$one" | grep -vx COMPLETED >/dev/null || continue
    wrong "job $one: $(state "$one" | sort -u | tr '\n' ' ')"
    tail -n 20 "$WORK"/*-"$one"*.out || true
  done
}
