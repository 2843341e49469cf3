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

# whatever a checkpoint looks like, status says what is wrong with it, and a file under another name
# is not counted
"$RIATA" status run >before.txt 2>&1 || true
cp run.checkpoint/unit-0-000001 run.checkpoint/unit-0-000099
run "$RIATA" status run
[ "$status" -eq 85 ] || wrong "a fit's file twice: exit status $status"
expect_text 'unit-0-000099 is the file of another fit' err.txt
diff <(grep -E '^(points|best|fold|refit)' before.txt) <(grep -E '^(points|best|fold|refit)' out.txt) ||
  wrong "a fit's file counts twice"
rm run.checkpoint/unit-0-000099
# damaged FILE PATTERN COMMAND...: that file of a copy, made wrong by the command
damaged() {
  local file=$1 pattern=$2
  shift 2
  rm -rf copy && cp -r run.checkpoint copy
  (cd copy && "$@" "$file")
  run "$RIATA" status copy
  if [ "$file" = run ]; then
    expect_error 1 "$pattern" "$RIATA" status copy
  else
    [ "$status" -eq 85 ] || wrong "$*: exit status $status"
    [ "$(grep -cE -e "$pattern" err.txt)" -eq 1 ] || wrong "$*: no single warning like $pattern"
  fi
}
damaged run 'copy/run is no checkpoint that this riata can read' truncate -s 0
damaged run 'copy/run is no checkpoint that this riata can read' truncate -s 10
damaged run 'copy/run is cut short' truncate -s 20
damaged run 'copy: there is no checkpoint' rm
damaged unit-0-000001 'unit-0-000001 is cut short' truncate -s 0
damaged unit-0-000001 'unit-0-000001 is cut short' truncate -s 1000
damaged unit-0-000001 'unit-0-000001 holds more than it should' truncate -s +1
damaged unit-0-000001 'unit-0-000001 is damaged' bash -c 'head -c 40 /dev/zero | dd bs=1 conv=notrunc status=none seek=500 of=unit-0-000001'
damaged unit-0-000001 'unit-0-000001 cannot be read: Is a directory' bash -c 'rm unit-0-000001; mkdir unit-0-000001'

expect_done "$RIATA" cv data.h5 -o run "${options[@]}" --resume
expect_done "$RIATA" status run
expect_text '^result +run: finished, .* 200 points' out.txt
expect_done "$RIATA" status run.h5
expect_error 1 'nothing: there is neither a result nor a checkpoint' "$RIATA" status nothing
expect_error 1 'data.h5: is a riata dataset, not a result' "$RIATA" status data.h5
expect_error 1 'run.json: is not an HDF5 file' "$RIATA" status run.json
head -c 5000 run.h5 >cut.h5
expect_error 1 'cut.h5: cannot be opened as HDF5; the file is cut short' "$RIATA" status cut
mkdir empty
expect_error 1 'empty: there is no checkpoint' "$RIATA" status empty
finish
