#!/usr/bin/env bash
# What `riata plan` says before a run is what the run takes: memory within 15 % of the peak and time
# within a factor of 2, on several shapes and both ways of walking (seconds of the processor, which
# other work on the machine hardly changes). It keeps within bounds, takes the options of cv, and the
# job file that it writes gives the result of the same command without Slurm.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
export XDG_CACHE_HOME=$WORK/cache

expect_done "$RIATA" plan --calibrate
expect_text '^Measured .* GFLOP/s, .* GB/s on [0-9]+ cores' out.txt
[ -s cache/riata/calibration.json ] || wrong 'the calibration is not stored'

# compare NAME "SIMULATE OPTIONS" "CV OPTIONS"
compare() {
  local name=$1 simulate=$2 options=$3
  # shellcheck disable=SC2086 # words
  expect_done "$RIATA" simulate $simulate -o "$name.h5"
  # shellcheck disable=SC2086
  expect_done "$RIATA" plan "$name.h5" $options --cores 1
  mv out.txt "$name.plan"
  # shellcheck disable=SC2086
  python3 - "$name" "$RIATA" cv "$name.h5" $options --threads 1 -o "out/$name" -q <<'PYTHON' || failures=$((failures + 1))
import os, re, subprocess, sys
name, command = sys.argv[1], sys.argv[2:]
process = subprocess.Popen(command)
_, status, usage = os.wait4(process.pid, 0)
if status != 0:
    sys.exit(f"{name}: wait status {status}")
used, taken = usage.ru_utime, usage.ru_maxrss * 1024 / 1e6
said = re.search(r"^Advice +1 node x 1 rank x 1 thread: ([0-9.e+]+) (s|min), ([0-9]+) MB",
                 open(f"{name}.plan").read(), re.M)
seconds = float(said[1]) * (60 if said[2] == "min" else 1)
memory = int(said[3]) / taken
# the processor also started, read X and had the pictures drawn
time = seconds / used if seconds > used else seconds / max(seconds, used - 0.5)
print(f"{name}: time {seconds:.2f} s said, {used:.2f} s used; memory {said[3]} MB said, "
      f"{taken:.0f} MB taken")
sys.exit(not (0.5 <= time <= 2 and 0.85 <= memory <= 1.15))
PYTHON
}
if ! sanitizers >/dev/null; then
  compare wide '-n 300 -p 40000 --support 30' ''
  compare middle '-n 800 -p 5000 --support 30' '--folds 5'
  compare genotypes '-n 1200 -p 20000 --support 30 --kind genotype' '--folds 5 --alphas 60'
  compare tall '-n 3000 -p 2000 --support 30' '--folds 5'
fi

expect_done "$RIATA" simulate -n 100 -p 500 --support 5 -o small.h5
expect_done "$RIATA" plan small.h5 --nodes 4 --cores 8 --mem 4G --time 1:00:00 --folds 5 --seed 7 \
  -o out/job --write job.sbatch
bash -n job.sbatch || wrong 'the job file is no shell script'
for line in '#SBATCH --nodes=[1-4]$' '#SBATCH --ntasks-per-node=[1-8]$' '#SBATCH --mem=[0-9]+M$' \
  '#SBATCH --time=[0-9]+$' 'DATA=.*small.h5' 'OUTPUT=.*out/job' 'OPTIONS=\(--folds 5 --seed 7\)$'; do
  expect_text "^$line" job.sbatch
done
expect_done env SLURM_CPUS_PER_TASK=1 bash job.sbatch
expect_done "$RIATA" cv small.h5 --folds 5 --seed 7 --threads 1 -o out/plain
cmp -s out/plain.curve.tsv out/job.curve.tsv || wrong 'the job file gives another curve'

# a node that has not the memory for X: split over as few nodes as have it, or over those given
expect_done "$RIATA" simulate -n 400 -p 100000 --kind genotype --storage i8 -o large.h5
limits=(--nodes 4 --cores 1 --write job.sbatch)
expect_done "$RIATA" plan large.h5 "${limits[@]}" --mem 104M
expect_text '^OPTIONS=\(\)$' job.sbatch
expect_done "$RIATA" plan large.h5 "${limits[@]}" --mem 74M
shards=$(sed -nE 's/^Advice .* MB a node, --shard ([2-4])$/\1/p' out.txt)
[ -n "$shards" ] || wrong 'X that does not fit is not split'
expect_text "^Shards +X, 40 MB, is split over $shards nodes, the fewest" out.txt
expect_text "^OPTIONS=\\(--shard $shards\\)\$" job.sbatch
expect_done "$RIATA" plan large.h5 "${limits[@]}" --shard 4
expect_text '^OPTIONS=\(--shard 4\)$' job.sbatch
expect_error 1 '--shard 8: that are more nodes than --nodes 4' "$RIATA" plan large.h5 --nodes 4 --shard 8

# X larger than a node: streamed, with the passes and within the memory that it says.
expect_done "$RIATA" simulate -n 300 -p 20000 --support 20 -o streamed.h5
expect_done "$RIATA" plan --calibrate streamed.h5 --folds 5 --cores 1 --mem 74M
expect_text '^Advice +1 node x 1 rank x 1 thread: .*, 67 MB a node' out.txt
expect_text '^Stream .*--memory 67M.* read about [0-9]+ times \(48 MB\), .* GB/s measured' out.txt
said=$(sed -nE 's/^Stream .* about ([0-9]+) times.*/\1/p' out.txt)
expect_done "$RIATA" cv streamed.h5 --folds 5 --threads 1 --memory 67M -o out/large
python3 - "$said" <<'PYTHON' || failures=$((failures + 1))
import json, sys
said, result = int(sys.argv[1]), json.load(open("out/large.json"))
print(f"passes: {said} said, {result['passes_over_x']:.1f} made; memory 67 MB said, {result['peak_rss_mb']:.0f} MB taken")
sys.exit(not (0.5 <= said / result["passes_over_x"] <= 2 and result["peak_rss_mb"] <= 67))
PYTHON
# Compressed: how often it says that chunks are inflated is how often they were, in passes and for single columns.
if command -v h5repack >/dev/null; then
  expect_done h5repack -l X:CHUNK=250x300 -f X:SHUF -f X:GZIP=1 streamed.h5 packed.h5
  expect_done "$RIATA" plan --calibrate packed.h5 --folds 5 --cores 1 --mem 74M
  said=$(sed -nE 's/^Stream .*, inflated ([0-9]+) times, .*/\1/p' out.txt)
  expect_done "$RIATA" cv packed.h5 --folds 5 --threads 1 --memory 67M -o out/packed
  made=$(sed -nE 's/.* chunks of X were inflated ([0-9.]+) times over so far$/\1/p' out/packed.log)
  echo "inflated: $said times said, $made made"
  awk "BEGIN { exit !($said <= 1.5 * $made && $made <= 1.5 * $said) }" || wrong 'inflated more or less often than said'
  grep -qE '"inflate_gbytes": 0(\.0)?,' cache/riata/calibration.json && wrong 'the speed of inflating is not stored'
fi
expect_error 1 '--mem: 30 MB a node are too little; .* takes about [0-9]+ MB' "$RIATA" plan streamed.h5 --mem 30M
awk 'BEGIN { print "a,b,y"; for (i = 0; i < 20; i++) print i ",1." i * i % 7 "," i % 2 }' >classes.csv
expect_done "$RIATA" import classes.csv --response y -o classes.h5
expect_done "$RIATA" plan classes.h5 --family binomial
expect_text 'Not estimated: the time of --family binomial' out.txt

expect_error 1 "--mem: '1 cup' is not allowed" "$RIATA" plan small.h5 --mem '1 cup'
expect_error 1 "--time: 'noon' is not allowed" "$RIATA" plan small.h5 --time noon
expect_error 1 '--mem: 10 MB a node are too little' "$RIATA" plan small.h5 --mem 10M
expect_error 1 'none.h5' "$RIATA" plan none.h5
# every option of cv is one of plan
"$RIATA" cv --help | grep -oE '^  (-., )?--[a-z0-9-]+' | sort >cv.options
"$RIATA" plan --help | grep -oE '^  (-., )?--[a-z0-9-]+' | sort >plan.options
[ -z "$(comm -23 cv.options plan.options)" ] || wrong "plan lacks $(comm -23 cv.options plan.options)"
finish
