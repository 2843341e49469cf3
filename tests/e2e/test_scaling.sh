#!/usr/bin/env bash
# scripts/scaling: a line for each run, with machine and commit, and a picture; the same command goes
# on where it was and measures nothing twice; weak scaling has as many repeats as ranks.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
scaling=$RIATA_SOURCE/scripts/scaling

expect_done "$scaling" both --size 60x200 --ranks 1 -o out/s
expect_text '^# machine' out/s.tsv
expect_text '^# riata [0-9]' out/s.tsv
[ -s out/s.svg ] || [ -s out/s.gp ] || wrong 'there is no picture'
grep -v '^#' out/s.tsv >before
expect_done "$scaling" both --size 60x200 --ranks 1,2 -o out/s
[ "$(grep -c '^\(strong\|weak\):' out.txt)" -eq 2 ] || wrong 'what was measured is measured again'
[ "$(grep -cFf <(tail -n +2 before) out/s.tsv)" -eq 2 ] || wrong 'earlier lines are lost'
[ "$(grep '^weak' out/s.tsv | cut -f 4,5 | tr '\t\n' ' ;')" = '1 1;2 2;' ] || wrong 'weak scaling has other repeats'
[ "$(grep '^strong' out/s.tsv | cut -f 4,5 | tr '\t\n' ' ;')" = '1 1;1 2;' ] || wrong 'strong scaling has repeats'

# in a container, here one that only notes what it runs, on a copy of the data on the own disk
cat >contain <<'END'
#!/usr/bin/env bash
shift
printf '%s\n' "$*" >>"$NOTES"
exec "$@"
END
chmod +x contain
expect_done env NOTES="$WORK/notes" "$scaling" strong --size 60x200 --ranks 2 --scratch "$WORK/own disk" \
  --container "$WORK/contain 'an image.sif'" -o out/inside
[ -s 'own disk/inside.60x200.h5' ] || wrong 'there is no copy of the data'
[ "$(grep -c ' cv .*/own disk/inside.60x200.h5 ' notes)" -eq 2 ] || wrong 'not two ranks in the container, on the copy'
run "$scaling" strong --size 60x200 --ranks 1 --scratch "$WORK/notes" -o out/inside
[ "$status" -eq 1 ] || wrong "a place that is no folder: status $status"
[ "$(grep -c '^scaling: ' err.txt)" -eq 1 ] || wrong 'a place that is no folder: no single sentence'

# refused STATUS PATTERN ARGUMENTS...: with one sentence
refused() {
  local expected=$1 pattern=$2
  shift 2
  run "$scaling" "$@"
  [ "$status" -eq "$expected" ] || wrong "status $status, not $expected: $*"
  [ "$(grep -cE '^scaling: |Traceback' err.txt)" -eq 1 ] || {
    wrong "no single sentence: $*"
    sed 's/^/    /' err.txt
  }
  expect_text "$pattern" err.txt
}
refused 2 "'60': give samples x features" strong --size 60 -o out/none
for option in --threads --runs --folds --ranks; do
  refused 2 "argument $option: '0': give a whole number from 1" strong "$option" 0 -o out/none
done
refused 2 "argument --ranks: 'a': give a whole" strong --ranks 1,a -o out/none
refused 2 'scratch: not with --launch sbatch' strong --launch sbatch --scratch there -o out/none
touch file
refused 1 'file: ' strong --size 60x200 --ranks 1 -o file/none
(RIATA='nothing here' && refused 1 'nothing here does not run' strong -o out/none && [ "$failures" -eq 0 ]) ||
  wrong 'a program that is not there'
# what riata says of its options is all that is said
refused 1 'status 1 of mpirun' strong --size 60x200 --ranks 1 -o out/none -- --no-such
expect_text '^riata: .*no-such' err.txt
expect_done "$scaling" strong --size 60x200 --ranks 1 -o "out/it's one" -- --alphas 7
[ -s "out/it's one.svg" ] || [ -s "out/it's one.gp" ] || wrong 'there is no picture where the name has a quote'
grep -q '"alphas": *7' "out/it's one.run.json" || [ "$(wc -l <"out/it's one.run.curve.tsv")" -eq 8 ] ||
  wrong 'options after -- are not passed on'
sed 's/^strong\t60/strong/' out/s.tsv >out/damaged.tsv
refused 1 'out/damaged\.tsv: this line is damaged' strong --size 60x200 --ranks 1 -o out/damaged
head -c 100 /dev/urandom >out/other.60x200.h5
refused 1 'status 1 of mpirun' strong --size 60x200 --ranks 1 -o out/other
expect_text '^riata: .*other\.60x200\.h5' err.txt

# Stopped while a run is under way, which has written a checkpoint: no process is left, and the same
# command goes on.
mkdir -p out/c.run.checkpoint
long=(strong --size 400x4000 --ranks 1 --folds 200 -o "$WORK/out/c" -- --checkpoint-every 0)
for signal in INT USR1 TERM; do
  python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
os.execv(sys.argv[1], sys.argv[1:])' "$scaling" "${long[@]}" >out.txt 2>err.txt &
  job=$!
  for _ in {1..600}; do
    [ ! -e out/c.run.checkpoint/unit-0-000000 ] || break
    sleep 0.1
  done
  kill "-$signal" "$job"
  status=0
  wait "$job" || status=$?
  [ "$status" -eq 85 ] || wrong "SIG$signal: status $status, not 85"
  [ "$(cat err.txt)" = 'scaling: stopped; the same command goes on' ] || wrong "SIG$signal: $(cat err.txt)"
  ! pgrep -f "riata cv $WORK/out/c" >/dev/null || wrong "SIG$signal: the run is left alone"
  [ "$signal" = TERM ] || rm -rf out/c.run.checkpoint
done
[ -e out/c.run.checkpoint ] || wrong 'the stopped run left no checkpoint'
expect_done "$scaling" strong --size 400x4000 --ranks 1 --folds 3 -o "$WORK/out/c"
finish
