#!/usr/bin/env bash
# Jobs that cannot work end with a sentence that says why, are not put back into the queue, and leave
# nothing half-written: data, program or scratch that is not there, options and launchers that nobody
# knows, a place that cannot be written to, a task of an array that has no value. The job that merges
# an array says which tasks failed. Names may have spaces.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../slurm/lib.sh
. "$RIATA_SOURCE/tests/slurm/lib.sh"
start_cluster 2400

export RIATA RESTARTS=3
mkdir 'my data'
expect_done "$RIATA" simulate -n 80 -p 300 --support 5 -o 'my data/x y.h5'
export DATA="$WORK/my data/x y.h5"
echo 'no folder' >file

jobs=() patterns=()
# refused PATTERN NAME [SBATCH OPTIONS]...: submits a job whose log is to say that.
refused() {
  patterns+=("$1")
  shift
  submit "$@" --mem=100
  jobs+=("$job")
}
sed 's/--folds 10/--foldz 10/' "$RIATA_SOURCE/slurm/cv.sbatch" >edited.sbatch
OUTPUT=$WORK/out/data DATA="$WORK/no such.h5" refused '^riata: .*/no such\.h5: cannot be opened' cv
OUTPUT=$WORK/out/data DATA="$WORK/no such.h5" LAUNCH=srun refused '^riata: .*/no such\.h5: cannot be opened' cv
OUTPUT=$WORK/out/program SOURCE=$RIATA_SOURCE RIATA=riatta refused "^RIATA: 'riatta' does not run here" cv
OUTPUT=$WORK/out/program SOURCE=$RIATA_SOURCE RIATA=riatta refused "^scaling: riatta does not run" scaling-weak
OUTPUT=$WORK/out/source SOURCE=$WORK refused '^SOURCE: .* has no scripts/scaling' scaling-strong
OUTPUT=$WORK/out/launch LAUNCH=aprun refused "^LAUNCH: 'aprun' is neither" cv
OUTPUT=$WORK/file/below refused '^riata: .*file.*: ' cv
OUTPUT=$WORK/out/scratch SCRATCH=$WORK/file refused '^SCRATCH: .*x y\.h5 cannot be copied to .*/file' cv
OUTPUT=$WORK/out/scratch SCRATCH=$WORK/scratch DATA=$WORK/nowhere.h5 refused '^SCRATCH: .*nowhere.h5 cannot be copied' cv-nodes
OUTPUT=$WORK/out/option sbatch --parsable --mem=100 --output="$WORK/%x-%j.out" edited.sbatch >number
patterns+=("^riata: unknown option '--foldz'")
jobs+=("$(cat number)")

# An array of which two tasks cannot work, and two merging jobs: one that is told of the array's number,
# one that is told of the values, as in the array.
export OUTPUT="$WORK/out put/array" EACH='3 no 5'
submit array --array=0-3 --mem=100 --output="$WORK/task-%a.out"
array=$job
merge=(sbatch --parsable --mem=100 --output="$WORK/%x-%j.out" --dependency="afterany:$array"
  "$RIATA_SOURCE/slurm/merge.sbatch")
patterns+=("^task 1 of job $array: FAILED; its log is $WORK/task-1\.out" 'out put/array\.no\.json: No such file')
jobs+=("$("${merge[@]}" "$array")" "$("${merge[@]}")")

for k in "${!jobs[@]}"; do
  await 120 over "${jobs[k]}" || wrong "job ${jobs[k]} is not over"
  scontrol show job "${jobs[k]}" >job.txt
  grep -q 'JobState=FAILED' job.txt || wrong "job ${jobs[k]} did not fail"
  grep -q ' Restarts=0 ' job.txt || wrong "job ${jobs[k]} went back into the queue"
  log=$(echo *-"${jobs[k]}".out)
  [ "$(grep -cE -e "${patterns[k]}" "$log")" -eq 1 ] || {
    wrong "$log has no single sentence like '${patterns[k]}'"
    sed 's/^/    /' "$log"
  }
done
expect_text "^task 3 of job $array: FAILED" riata-merge-*.out
expect_text '^EACH: has no entry 3; --array has to be 0-2' task-3.out
[ "$(find "out put" -name 'array.tsv*' | wc -l)" -eq 0 ] || wrong 'a table of some of the tasks'
[ "$(find "out put" -name 'array.[35].h5' | wc -l)" -eq 2 ] || wrong 'tasks that can work have no result'
left=$(find out 'out put' scratch -type f 2>/dev/null | grep -vE '^out put/array\.([35]\.|each$)') || true
[ -z "$left" ] || wrong "left behind: $left"

# Where Slurm has forgotten the task that failed, and nobody says the values: the array has left them.
run env EACH= bash "$RIATA_SOURCE/slurm/merge.sbatch"
[ "$status $(cat err.txt)" = "1 $OUTPUT.no.json: No such file or directory" ] ||
  wrong "a missing result: status $status, $(cat err.txt)"
[ "$(find "out put" -name 'array.tsv*' | wc -l)" -eq 0 ] || wrong 'a table of some of the tasks'

# When the missing one is there they are one table; a damaged one is named, and the table stays.
expect_done env EACH='3 5' bash "$RIATA_SOURCE/slurm/merge.sbatch"
[ "$(cut -f 1 "$OUTPUT.tsv" | tr '\n' ' ')" = 'name 3 5 ' ] || wrong 'the merged table lacks a line'
cp "$OUTPUT.tsv" before
echo '{' >"$OUTPUT.no.json"
run env EACH= bash "$RIATA_SOURCE/slurm/merge.sbatch"
[ "$status $(cat err.txt)" = "1 $OUTPUT.no.json: is no result of riata" ] ||
  wrong "a damaged result: status $status, $(cat err.txt)"
cmp before "$OUTPUT.tsv" || wrong 'a damaged result changes the table'
run bash "$RIATA_SOURCE/slurm/merge.sbatch" 999999
[ "$status" -eq 1 ] || wrong "a job that is not: status $status"
expect_text '^job 999999: Slurm does not know it' err.txt
finish
