# shellcheck shell=bash
# What the end-to-end tests share: a folder of their own, and checks that say what they saw.
# To be sourced. RIATA is the program, RIATA_SOURCE the source tree.
: "${RIATA:?the program to test}" "${RIATA_SOURCE:?the source tree}"
export RIATA RIATA_SOURCE
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK" || exit 3
failures=0

wrong() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

skip() {
  printf 'skipped: %s\n' "$*"
  exit 77
}

# run COMMAND...: its output in out.txt and err.txt, its exit status in $status.
run() {
  status=0
  "$@" >out.txt 2>err.txt || status=$?
}

# expect_error STATUS PATTERN COMMAND...: that exit status, and exactly one sentence on stderr, from
# riata, that matches the extended regular expression.
expect_error() {
  local expected=$1 pattern=$2 sentences
  shift 2
  run "$@"
  sentences=$(grep '^riata: ' err.txt | grep -vc '^riata: warning: ') || true
  if [ "$status" -ne "$expected" ]; then
    wrong "exit status $status, not $expected: $*"
  elif [ "$sentences" -ne 1 ] || ! grep -E '^riata: ' err.txt | grep -E -e "$pattern" >/dev/null; then
    wrong "no single sentence like '$pattern': $*"
  else
    return 0
  fi
  sed 's/^/    /' err.txt
}

# expect_done COMMAND...: exit status 0.
expect_done() {
  run "$@"
  [ "$status" -eq 0 ] && return
  wrong "exit status $status: $*"
  sed 's/^/    /' err.txt
}

# expect_text PATTERN FILE
expect_text() {
  grep -qE -e "$1" "$2" || wrong "$2 has nothing like '$1'"
}

# sanitizers: prints those the program was built with, which take memory and time of their own; fails
# where there are none.
sanitizers() {
  sed -n 's/^RIATA_SANITIZE:[A-Z]*=//p' "${RIATA_BUILD:?the build folder}/CMakeCache.txt" | grep .
}

# use_faults: what makes the machine fail (tests/faults), to be preloaded, is $faults.
use_faults() {
  faults=${RIATA_BUILD:?the build folder}/tests/libriata_faults.so
  [ -e "$faults" ] || skip "no $faults"
  ! sanitizers >/dev/null || skip 'a sanitizer comes first'
}

# use_python MODULE...: sets PYTHON to one that has these modules; Debian's own is tried too.
use_python() {
  local python modules
  modules=$(IFS=,; printf '%s' "$*")
  for python in python3 /usr/bin/python3; do
    if "$python" -c "import $modules" 2>/dev/null; then
      export PYTHON=$python
      return
    fi
  done
  skip "no python3 has $*"
}

# use_nodes: from here on there is on_nodes. The nodes are host names of this machine: mpirun's
# remote shell is played by a script that gives the daemon a name space with the host name asked for.
use_nodes() {
  unshare --uts true 2>/dev/null || skip "name spaces for host names are not allowed here"
  cat >node_shell <<'END'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
name=$1
shift
exec unshare --uts bash -c "hostname $name; $*"
END
  chmod +x node_shell
}

# on_nodes LAYOUT ARGUMENTS...: riata on nodes of so many ranks each, such as 2+1; MPIRUN holds more
# arguments of mpirun.
MPIRUN=()
on_nodes() {
  local layout=$1 hosts='' ranks=0 k=0 each
  shift
  for each in ${layout//+/ }; do
    k=$((k + 1))
    ranks=$((ranks + each))
    hosts+=${hosts:+,}node-$k:$each
  done
  mpirun --mca plm_rsh_agent "$PWD/node_shell" --host "$hosts" -n "$ranks" "${MPIRUN[@]}" \
    "$RIATA" "$@"
}

# expect_within MB WHAT: a run out/tight gave what out/free did, and a node took no more memory.
expect_within() {
  cmp out/free.curve.tsv out/tight.curve.tsv || wrong "$2: the curve depends on --memory"
  cmp out/free.features.tsv out/tight.features.tsv || wrong "$2: the features depend on --memory"
  python3 - "$@" <<'PYTHON' || wrong "$2: not within $1 MB"
import json, sys
peak = json.load(open("out/tight.json"))["peak_rss_mb"]
print(f"{sys.argv[2]}: {sys.argv[1]} MB said, {peak:.0f} MB taken")
sys.exit(peak > float(sys.argv[1]))
PYTHON
}

finish() {
  [ "$failures" -eq 0 ] || {
    printf '%d checks failed\n' "$failures"
    exit 1
  }
}
