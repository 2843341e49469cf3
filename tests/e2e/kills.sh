#!/usr/bin/env bash
# kills.sh COUNT [SEED]: kills runs COUNT times at random moments - a rank, the launcher, one of two
# nodes, or all at once - and resumes them on other ranks, threads and nodes until they come through;
# the result must be that of a run that was left alone, byte for byte. Moments come from the seed and
# are scaled to the time that a run takes here. Nodes are name spaces of this machine (host name,
# processes, /dev/shm); where those are not allowed, runs stay on one.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v h5diff >/dev/null || skip "h5diff is not installed"
wanted=$1 program=$(basename "$RIATA")
RANDOM=${2:-1}

problems=("--folds 5 --alphas 60 --eps 0.005" "--folds 4 --early-stop --patience 5 --eps 0.005"
  "--folds 3 --alpha-blocks 3 --eps 0.01" "--folds 3 --l1-ratio 1,0.5 --alphas 40"
  "--folds 3 --repeats 2 --alphas 50" "--folds 4 --solver shooting --tol 1e-4 --alphas 40")
expect_done "$RIATA" simulate -n 300 -p 2500 --support 40 -o data.h5

milliseconds() {
  printf '%d' "$(($(date +%s%N) / 1000000))"
}

# mpirun's remote shell: a node of that name, of which nothing is left once its first process ends.
cat >node-shell <<'END'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
name=$1
shift
exec unshare --uts --pid --fork --kill-child --mount-proc sh -c \
  "hostname $name && mount -t tmpfs tmpfs /dev/shm && { $*; }"
END
chmod +x node-shell
nodes=0
if ./node-shell name true 2>/dev/null; then
  nodes=1
fi

# All below a process whose program has that name.
below() { # below PID PROGRAM
  local child children
  read -ra children 2>/dev/null <"/proc/$1/task/$1/children" || true
  for child in "${children[@]}"; do
    [ "$(cat "/proc/$child/comm" 2>/dev/null)" != "$2" ] || printf '%s\n' "$child"
    below "$child" "$2"
  done
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

# Those that are left are given time to notice, as they have to.
declare -A victims=([rank]=0 [launcher]=0 [node]=0 [all]=0)
strike() { # strike LAUNCHER RANK...
  local launcher=$1 hosts kinds=(rank launcher all) kind
  shift
  mapfile -t hosts < <(below "$launcher" unshare)
  [ "${#hosts[@]}" -eq 0 ] || kinds+=(node node node)
  kind=${kinds[RANDOM % ${#kinds[@]}]}
  [ "${#hosts[@]}" -eq 0 ] || [ "${victims[node]}" -gt 0 ] || kind=node # the first one
  case $kind in
    rank) kill -KILL "${@:1+RANDOM%$#:1}" 2>/dev/null || true ;;
    launcher) kill -KILL "$launcher" 2>/dev/null || true ;;
    node) kill -KILL "${hosts[RANDOM % ${#hosts[@]}]}" 2>/dev/null || true ;;
    all) kill -KILL "$launcher" "${hosts[@]}" "$@" 2>/dev/null || true ;;
  esac
  victims[$kind]=$((victims[$kind] + 1))
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
    hosts=()
    if [ "$nodes" -eq 1 ] && [ $((RANDOM % 2)) -eq 0 ]; then
      ranks=$((ranks + 1)) # one on each node at least
      hosts=(--leave-session-attached --mca plm_rsh_agent "$WORK/node-shell"
        --host "node-a:2,node-b:2" --map-by node)
    fi
    mpirun "${hosts[@]}" -n "$ranks" "$RIATA" cv data.h5 -o run "${options[@]}" --threads "$threads" \
      --checkpoint-every 0.02 --resume >out.txt 2>err.txt &
    launcher=$!
    if [ "$took" -gt 0 ] && [ "$kills" -lt "$wanted" ] && [ "$attempt" -lt 8 ]; then
      # one in four at any moment, the others once something is written by this attempt; at once where
      # too few have hit the middle so far, as happens where others need the machine
      if [ "$((2 * kept))" -le "$kills" ] && [ "$kills" -gt 0 ]; then
        await "$launcher" || true
      elif [ $((RANDOM % 4)) -eq 0 ]; then
        pause "$((took + first))"
      else
        await "$launcher" || true
        pause "$took"
      fi
      mapfile -t pids < <(below "$launcher" "$program")
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
printf 'killed: %d times a rank, %d the launcher, %d a node, %d all\n' "${victims[rank]}" \
  "${victims[launcher]}" "${victims[node]}" "${victims[all]}"
if [ "$nodes" -eq 1 ] && [ "$wanted" -ge 15 ] && [ "${victims[node]}" -eq 0 ]; then
  wrong 'no node was killed'
fi
[ "$((2 * kept))" -ge "$kills" ] || wrong "only $kept of $kills kills hit the middle of a run"
finish
