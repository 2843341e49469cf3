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
  elif [ "$sentences" -ne 1 ] || ! grep -E '^riata: ' err.txt | grep -qE -e "$pattern"; then
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

finish() {
  [ "$failures" -eq 0 ] || {
    printf '%d checks failed\n' "$failures"
    exit 1
  }
}
