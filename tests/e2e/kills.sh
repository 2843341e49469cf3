#!/usr/bin/env bash
# kills.sh COUNT [SEED]: kills runs COUNT times at random moments - a rank, the launcher, or all of
# them at once, as when a node is lost - and resumes them on other ranks and threads until they come
# through; the result must be that of a run that was left alone, byte for byte. Moments come from the
# seed and are scaled to the time that a run takes here.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
wanted=$1
RANDOM=${2:-1}

problems=("--folds 5 --alphas 60 --eps 0.005" "--folds 4 --early-stop --patience 5 --eps 0.005"
  "--folds 3 --alpha-blocks 3 --eps 0.01" "--folds 3 --l1-ratio 1,0.5 --alphas 40"
  "--folds 3 --repeats 2 --alphas 50" "--folds 4 --solver shooting --tol 1e-4 --alphas 40")
expect_done "$RIATA" simulate -n 300 -p 2500 --support 40 -o data.h5

milliseconds() {
  printf '%d' "$(($(date +%s%N) / 1000000))"
}

# All that mpirun started, whoever of it is left.
ranks_of() {
  cat "/proc/$1/task/$1/children" 2>/dev/null || true
}

alive() { # alive PID...: any of them, but those that only wait to be noted
  local pid
  for pid in "$@"; do
    if [ -e "/proc/$pid/stat" ] && ! grep -q ') Z ' "/proc/$pid/stat" 2>/dev/null; then
      return 0
    fi
  done
  return 1
}

# A node that is lost takes all with it; the others are given time to notice, as they have to.
strike() { # strike LAUNCHER RANK...
  local launcher=$1 pid
  shift
  case $((RANDOM % 3)) in
    0) kill -KILL "${@:1+RANDOM%$#:1}" 2>/dev/null || true ;;
    1) kill -KILL "$launcher" 2>/dev/null || true ;;
    2) kill -KILL "$launcher" "$@" 2>/dev/null || true ;;
  esac
  for _ in $(seq 300); do
    alive "$launcher" "$@" || return 0
    sleep 0.1
  done
  wrong "30 s after the kill some of $launcher $* live on"
  kill -KILL "$@" 2>/dev/null || true
}

# pause MILLISECONDS: a random part of them.
pause() {
  sleep "$(awk -v t="$1" -v r="$RANDOM" 'BEGIN { print t * r / 32768 / 1000 }')"
}

# await LAUNCHER: until a unit file is written that was not there before.
await() {
  while alive "$1"; do
    [ -z "$(find run.checkpoint -name 'unit-?-??????' -newer mark 2>/dev/null | head -n 1)" ] || return 0
    sleep 0.01
  done
  return 1
}

same_result() { # same_result PREFIX PREFIX WHAT
  local table
  for table in curve.tsv features.tsv; do
    cmp "$1.$table" "$2.$table" || wrong "$3: $table differs"
  done
  h5diff "$1.h5" "$2.h5" /result >difference.txt || {
    wrong "$3: /result differs"
    cat difference.txt
  }
}

# An older result of other options stands where the new one will.
expect_done "$RIATA" fit data.h5 --alpha 0.5 -o old
kills=0 kept=0 late=0 chain=0 resumed=0
for k in "${!problems[@]}"; do
  read -ra options <<<"${problems[$k]}"
  expect_done "$RIATA" cv data.h5 -o "whole$k" "${options[@]}"
done
while [ "$kills" -lt "$wanted" ] && [ "$failures" -eq 0 ]; do
  k=$((chain % ${#problems[@]}))
  chain=$((chain + 1))
  read -ra options <<<"${problems[$k]}"
  for file in old.*; do cp "$file" "run${file#old}"; done
  sums=$(cat old.h5 old.curve.tsv | cksum)
  took=${times[$k]:-0} first=${firsts[$k]:-0}
  for ((attempt = 0; ; attempt++)); do
    ranks=$((1 + RANDOM % 3)) threads=$((1 + RANDOM % 2))
    touch mark
    began=$(milliseconds)
    mpirun -n "$ranks" "$RIATA" cv data.h5 -o run "${options[@]}" --threads "$threads" \
      --checkpoint-every 0.02 --resume >out.txt 2>err.txt &
    launcher=$!
    if [ "$took" -gt 0 ] && [ "$kills" -lt "$wanted" ] && [ "$attempt" -lt 8 ]; then
      # one in four at any moment, the others once something is written by this attempt
      if [ $((RANDOM % 4)) -eq 0 ]; then
        pause "$((took + first))"
      else
        await "$launcher" || true
        pause "$took"
      fi
      mapfile -t pids < <(ranks_of "$launcher" | tr ' ' '\n' | grep .)
      if [ "${#pids[@]}" -gt 0 ] && alive "$launcher"; then
        strike "$launcher" "${pids[@]}"
        wait "$launcher" || true
        kills=$((kills + 1))
        [ $((kills % 20)) -ne 0 ] || printf '%d kills so far, %d runs compared\n' "$kills" "$((chain - 1))"
        if [ -n "$(find run.checkpoint -name 'unit-?-??????' 2>/dev/null)" ]; then
          kept=$((kept + 1))
          [ "$(cat run.h5 run.curve.tsv | cksum)" = "$sums" ] || late=$((late + 1))
          sums=$(cat run.h5 run.curve.tsv | cksum)
        fi
        continue
      fi
    fi
    if [ "$took" -eq 0 ]; then # left alone, to know how long it takes: to its first file, and after
      ! await "$launcher" || firsts[k]=$(($(milliseconds) - began))
    fi
    status=0
    wait "$launcher" || status=$?
    [ "$status" -eq 0 ] || {
      wrong "chain $chain, attempt $attempt on $ranks x $threads ended with $status"
      sed 's/^/    /' err.txt
    }
    # what comes after the first file; not the writing of results, which has a few kills all the same
    if [ "$took" -eq 0 ]; then
      times[k]=$(awk '/"seconds":/ { print int(1000 * $2); exit }' run.json)
      : "${firsts[k]:=0}"
    fi
    ! grep -q '^resuming' err.txt || resumed=$((resumed + 1))
    break
  done
  same_result "whole$k" run "chain $chain (${problems[$k]})"
  [ ! -e run.checkpoint ] || wrong "chain $chain leaves its checkpoint"
  rm -rf run.*
done
printf '%d kills in %d runs: %d left something to go on from, %d of them while results were written; %d runs resumed\n' \
  "$kills" "$chain" "$kept" "$late" "$resumed"
[ "$((2 * kept))" -ge "$kills" ] || wrong "only $kept of $kills kills hit the middle of a run"
finish
