#!/usr/bin/env bash
# riata status tells from the checkpoint alone how far a run is, and its numbers are those of the
# finished result.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

expect_done "$RIATA" simulate -n 300 -p 2000 --support 20 -o data.h5
options=(--folds 4 --alphas 40 --eps 0.01 --threads 1)
expect_done "$RIATA" cv data.h5 -o whole "${options[@]}"

# stopped in the middle by a signal once some files are there
"$RIATA" cv data.h5 -o run "${options[@]}" --checkpoint-every 0 >out.txt 2>err.txt &
job=$!
for _ in $(seq 3000); do
  [ "$(find run.checkpoint -name 'unit-*' 2>/dev/null | wc -l)" -lt 5 ] || break
  sleep 0.005
done
kill -USR1 "$job" 2>/dev/null || true
status=0
wait "$job" || status=$?
[ "$status" -eq 85 ] || wrong "the run ended with $status, not 85"

run "$RIATA" status run
[ "$status" -eq 85 ] || wrong "status of an unfinished run: exit status $status, not 85"
expect_text '^points +[0-9]+ of 200 certified' out.txt
expect_text '^written +[0-9]+ s ago' out.txt
expect_text '^fold 3 +0 +[0-9]+/40 ' out.txt
expect_text '^best so far: alpha [0-9.e-]+ \(index [0-9]+\), mse ' out.txt
# points add up, and the curve so far is that of the whole run
awk '/^points/ { all = $2 } /^(fold|refit)/ { split($(1 == "refit" ? 3 : $1 == "refit" ? 3 : 4), p, "/"); sum += p[1] }
  END { exit all != sum }' out.txt || wrong 'the points of the fits are not those of the run'
awk '$1 ~ /^[0-9]+$/ && NF == 4 { printf "%d %.4g\n", $1, $3 }' out.txt >curve.now
[ -s curve.now ] || wrong 'no point of the curve is known'
awk 'NR > 1 { print NR - 2, $0 }' whole.curve.tsv >whole.numbered
column=$(head -1 whole.curve.tsv | tr '\t' '\n' | grep -nE '^(mean|mse_mean|cv_mean|mse)$' | head -1 | cut -d: -f1)
awk -v c="$((column + 1))" '{ printf "%d %.4g\n", $1, $c }' whole.numbered >curve.whole
[ "$(grep -cFxf curve.whole curve.now)" -eq "$(wc -l <curve.now)" ] || {
  wrong 'the curve so far is not that of the whole run'
  diff curve.now curve.whole
}
run "$RIATA" status run.checkpoint
[ "$status" -eq 85 ] || wrong "status of a checkpoint: exit status $status"

expect_done "$RIATA" cv data.h5 -o run "${options[@]}" --resume
expect_done "$RIATA" status run
expect_text '^result +run: finished, .* 200 points' out.txt
expect_done "$RIATA" status run.h5
expect_error 1 'nothing' "$RIATA" status nothing
mkdir empty
expect_error 1 'empty: there is no checkpoint' "$RIATA" status empty
finish
